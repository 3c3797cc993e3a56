/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.validation;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.desired.CheckedFile;
import io.jubelet.document.Finding;
import io.jubelet.document.JsonText;
import io.jubelet.manifest.ObjectKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What was found in some files, as text and as JSON. Immutable.
 *
 * @param files in the order in which they are shown
 */
public record ValidationReport(List<CheckedFile> files) {

    public ValidationReport {
        files = List.copyOf(files);
    }

    /** How many errors there are. */
    public int errors() {
        return files.stream().mapToInt(file -> file.errors().size()).sum();
    }

    /** How many warnings there are, without the reasons why files are ignored. */
    public int warnings() {
        return files.stream()
                .filter(file -> file.outcome() != CheckedFile.Outcome.IGNORED && !isUnreadable(file))
                .mapToInt(file -> file.warnings().size())
                .sum();
    }

    /** Whether a file could not be read, so that nothing is known of it. */
    public boolean isIncomplete() {
        return files.stream().anyMatch(ValidationReport::isUnreadable);
    }

    private static boolean isUnreadable(CheckedFile file) {
        return file.outcome() == CheckedFile.Outcome.UNREADABLE;
    }

    /** One line for each finding: {@code path:line:column: severity: field: message}. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (CheckedFile file : files) {
            for (Result result : results(file)) {
                Finding finding = result.finding();
                String place = finding.line() > 0 ? ":" + finding.line() + ":" + finding.column() : "";
                String field = finding.field().map(path -> path + ": ").orElse("");
                lines.add(file.path() + place + ": " + result.severity() + ": " + field + finding.message());
            }
        }
        return lines;
    }

    /** How much a finding matters, in the words of SARIF. */
    enum Severity {
        error,
        warning,
        note
    }

    /** One finding of a file. */
    record Result(Severity severity, Finding finding) {}

    /** The findings of a file, ordered by place. */
    static List<Result> results(CheckedFile file) {
        List<Result> results = new ArrayList<>();
        file.errors().forEach(error -> results.add(new Result(Severity.error, error)));
        file.warnings().forEach(warning -> results.add(new Result(ofWarnings(file), warning)));
        results.sort(Comparator.comparingInt((Result result) -> result.finding().line())
                .thenComparingInt(result -> result.finding().column()));
        return results;
    }

    private static Severity ofWarnings(CheckedFile file) {
        return switch (file.outcome()) {
            case READ, NOT_READ -> Severity.warning;
            case IGNORED -> Severity.note;
            case UNREADABLE -> Severity.error;
        };
    }

    /** How many files are valid and how many are not, in one sentence. */
    public String summary() {
        int read = 0;
        int bad = 0;
        int doubtful = 0;
        int unreadable = 0;
        for (CheckedFile file : files) {
            read += file.outcome() == CheckedFile.Outcome.READ ? 1 : 0;
            bad += file.errors().isEmpty() ? 0 : 1;
            unreadable += isUnreadable(file) ? 1 : 0;
            doubtful += ofWarnings(file) == Severity.warning && !file.warnings().isEmpty() ? 1 : 0;
        }
        String result;
        if (read == 0) {
            result = "No manifest was read";
        } else if (bad > 0) {
            result = (bad == read ? count(read) : bad + " of " + count(read))
                    + (bad == 1 ? " has errors" : " have errors");
        } else {
            result = count(read) + (read == 1 ? " is valid" : " are valid");
        }
        return result
                + (doubtful > 0 ? "; " + count(doubtful) + (doubtful == 1 ? " has warnings" : " have warnings") : "")
                + (unreadable > 0 ? "; " + count(unreadable) + " cannot be read" : "")
                + ".";
    }

    private static String count(int files) {
        return files == 1 ? "1 file" : files + " files";
    }

    /** The report as one JSON object. */
    public String json() {
        return JsonText.write(out -> {
            out.writeStartObject();
            out.writeNumberField("errors", errors());
            out.writeNumberField("warnings", warnings());
            out.writeArrayFieldStart("files");
            for (CheckedFile file : files) {
                write(out, file);
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    private static void write(JsonGenerator out, CheckedFile file) throws IOException {
        out.writeStartObject();
        out.writeStringField("path", file.path());
        out.writeStringField("state", state(file));
        out.writeArrayFieldStart("objects");
        for (ObjectKey key : file.objects()) {
            out.writeStartObject();
            out.writeStringField("kind", key.kind());
            out.writeStringField("namespace", key.namespace());
            out.writeStringField("name", key.name());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeArrayFieldStart("findings");
        for (Result result : results(file)) {
            write(out, result);
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static String state(CheckedFile file) {
        return switch (file.outcome()) {
            case READ -> file.errors().isEmpty() ? "Valid" : "Invalid";
            case IGNORED -> "Ignored";
            case NOT_READ -> "NotRead";
            case UNREADABLE -> "Unreadable";
        };
    }

    private static void write(JsonGenerator out, Result result) throws IOException {
        Finding finding = result.finding();
        out.writeStartObject();
        out.writeStringField("severity", result.severity().name());
        if (finding.line() > 0) {
            out.writeNumberField("line", finding.line());
            out.writeNumberField("column", finding.column());
        }
        Optional<String> field = finding.field();
        if (field.isPresent()) {
            out.writeStringField("field", field.get());
        }
        out.writeStringField("message", finding.message());
        out.writeEndObject();
    }
}
