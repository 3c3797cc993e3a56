/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.validation;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.desired.CheckedFile;
import io.jubelet.document.Finding;
import io.jubelet.document.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Writes a report in the Static Analysis Results Interchange Format (SARIF) 2.1.0, which code hosts and editors show. */
public final class SarifLog {

    private static final String SCHEMA =
            "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    /** The kinds of results; the identifiers are part of the interface. */
    private enum Rule {
        INVALID("manifest-invalid", "The daemon refuses this file, or the object at this place."),
        DOUBTFUL("manifest-doubtful", "The daemon accepts this, and warns that it might not do what was meant."),
        IGNORED("file-ignored", "The daemon does not read this file."),
        UNREADABLE("file-unreadable", "The file cannot be read, so nothing is known of it.");

        private final String id;
        private final String text;

        Rule(String id, String text) {
            this.id = id;
            this.text = text;
        }
    }

    private SarifLog() {}

    /**
     * The log of one run.
     *
     * @param version of this program
     */
    public static String of(ValidationReport report, String version) {
        return JsonText.write(out -> {
            out.writeStartObject();
            out.writeStringField("$schema", SCHEMA);
            out.writeStringField("version", "2.1.0");
            out.writeArrayFieldStart("runs");
            out.writeStartObject();
            tool(out, version);
            out.writeStringField("columnKind", "unicodeCodePoints");
            out.writeArrayFieldStart("results");
            for (CheckedFile file : report.files()) {
                for (ValidationReport.Result result : ValidationReport.results(file)) {
                    result(out, file, result);
                }
            }
            out.writeEndArray();
            out.writeEndObject();
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    private static void tool(JsonGenerator out, String version) throws IOException {
        out.writeObjectFieldStart("tool");
        out.writeObjectFieldStart("driver");
        out.writeStringField("name", "jubelet");
        out.writeStringField("version", version);
        out.writeArrayFieldStart("rules");
        for (Rule rule : Rule.values()) {
            out.writeStartObject();
            out.writeStringField("id", rule.id);
            text(out, "shortDescription", rule.text);
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
        out.writeEndObject();
    }

    private static Rule rule(CheckedFile file, ValidationReport.Severity severity) {
        return switch (file.outcome()) {
            case READ, NOT_READ -> severity == ValidationReport.Severity.error ? Rule.INVALID : Rule.DOUBTFUL;
            case IGNORED -> Rule.IGNORED;
            case UNREADABLE -> Rule.UNREADABLE;
        };
    }

    private static void result(JsonGenerator out, CheckedFile file, ValidationReport.Result result) throws IOException {
        Rule rule = rule(file, result.severity());
        Finding finding = result.finding();
        out.writeStartObject();
        out.writeStringField("ruleId", rule.id);
        out.writeNumberField("ruleIndex", rule.ordinal());
        out.writeStringField("level", result.severity().name());
        text(out, "message", finding.field().map(field -> field + ": ").orElse("") + finding.message());
        out.writeArrayFieldStart("locations");
        out.writeStartObject();
        out.writeObjectFieldStart("physicalLocation");
        out.writeObjectFieldStart("artifactLocation");
        out.writeStringField("uri", uri(file.path()));
        out.writeEndObject();
        // Code hosts show a result at a line; the first one stands for the whole file.
        out.writeObjectFieldStart("region");
        out.writeNumberField("startLine", Math.max(1, finding.line()));
        if (finding.line() > 0) {
            out.writeNumberField("startColumn", Math.max(1, finding.column()));
        }
        out.writeEndObject();
        out.writeEndObject();
        if (finding.field().isPresent()) {
            out.writeArrayFieldStart("logicalLocations");
            out.writeStartObject();
            out.writeStringField("fullyQualifiedName", finding.field().get());
            out.writeStringField("kind", "member");
            out.writeEndObject();
            out.writeEndArray();
        }
        out.writeEndObject();
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void text(JsonGenerator out, String field, String text) throws IOException {
        out.writeObjectFieldStart(field);
        out.writeStringField("text", text);
        out.writeEndObject();
    }

    /** A path as a URI reference: relative as it is given, so that a code host finds the file in its repository. */
    static String uri(String path) {
        String relative = path.startsWith("./") ? path.substring(2) : path;
        StringBuilder uri = new StringBuilder(path.startsWith("/") ? "file://" : "");
        for (byte each : relative.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            boolean plain = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "/-._~".indexOf(c) >= 0;
            if (plain) {
                uri.append(c);
            } else {
                uri.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
            }
        }
        return uri.toString();
    }
}
