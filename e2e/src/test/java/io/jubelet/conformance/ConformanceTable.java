/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.conformance;

import io.jubelet.conformance.SpecResult.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A run of the node suite held against the list of specs that do not pass.
 *
 * @param rows in the order of the groups, without groups that ran no spec
 */
record ConformanceTable(List<Row> rows, List<String> complaints) {

    /**
     * The specs of a group.
     *
     * @param listed how many did not pass, and are listed
     * @param failed how many did not pass and are not listed, or passed and are listed
     * @param time how long they took, one after the other
     */
    record Row(SpecGroup group, int specs, int passed, int listed, int failed, Duration time) {

        private Row plus(int passed, int listed, int failed, Duration time) {
            return new Row(
                    group,
                    specs + 1,
                    this.passed + passed,
                    this.listed + listed,
                    this.failed + failed,
                    this.time.plus(time));
        }
    }

    ConformanceTable {
        rows = List.copyOf(rows);
        complaints = List.copyOf(complaints);
    }

    static ConformanceTable of(List<SpecResult> results, Map<String, ListedSpec> listed) {
        Map<SpecGroup, Row> rows = new EnumMap<>(SpecGroup.class);
        List<String> complaints = new ArrayList<>();
        for (SpecResult result : results) {
            ListedSpec known = listed.get(result.name());
            boolean passed = result.outcome() == Outcome.PASSED;
            boolean failed = passed ? known != null && !known.cause().mayPass() : known == null;
            if (failed) {
                complaints.add(complaint(result));
            }
            SpecGroup group = SpecGroup.of(result.name());
            Row row = rows.getOrDefault(group, new Row(group, 0, 0, 0, 0, Duration.ZERO));
            rows.put(
                    group,
                    row.plus(passed && !failed ? 1 : 0, passed || failed ? 0 : 1, failed ? 1 : 0, result.time()));
        }
        return new ConformanceTable(List.copyOf(rows.values()), complaints);
    }

    private static String complaint(SpecResult result) {
        return switch (result.outcome()) {
            case PASSED -> result.name() + "\n    passes, but is listed as one that does not";
            case SKIPPED -> result.name() + "\n    does not run: " + result.message();
            case FAILED -> result.name() + "\n    " + result.message();
        };
    }

    /** Whether specs ran, and each did what the list says. */
    boolean asListed() {
        return complaints.isEmpty() && !rows.isEmpty();
    }

    Row total() {
        return new Row(
                SpecGroup.OTHER,
                rows.stream().mapToInt(Row::specs).sum(),
                rows.stream().mapToInt(Row::passed).sum(),
                rows.stream().mapToInt(Row::listed).sum(),
                rows.stream().mapToInt(Row::failed).sum(),
                rows.stream().map(Row::time).reduce(Duration.ZERO, Duration::plus));
    }

    /** The lines of the table, for a terminal. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("%-36s %6s %7s %7s %7s %9s".formatted("group", "specs", "passed", "listed", "failed", "time"));
        rows.forEach(row -> lines.add(line(row.group().title(), row)));
        lines.add(line("all", total()));
        return lines;
    }

    private static String line(String title, Row row) {
        return String.format(
                Locale.ROOT,
                "%-36s %6d %7d %7d %7d %9s",
                title,
                row.specs(),
                row.passed(),
                row.listed(),
                row.failed(),
                time(row.time()));
    }

    static String time(Duration time) {
        return String.format(Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }

    /** The lines of a record of the run: a group, and its numbers, with tabs between them. */
    List<String> record() {
        return rows.stream()
                .map(row -> String.format(
                        Locale.ROOT,
                        "%s\t%d\t%d\t%d\t%d\t%d",
                        row.group(),
                        row.specs(),
                        row.passed(),
                        row.listed(),
                        row.failed(),
                        row.time().toSeconds()))
                .toList();
    }

    /**
     * The table of a record.
     *
     * @throws IOException if a line is malformed
     */
    static ConformanceTable ofRecord(List<String> lines) throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : lines) {
            String[] columns = line.split("\t", -1);
            if (columns.length != 6) {
                throw new IOException("a record has six columns: " + line);
            }
            rows.add(new Row(
                    SpecGroup.valueOf(columns[0]),
                    Integer.parseInt(columns[1]),
                    Integer.parseInt(columns[2]),
                    Integer.parseInt(columns[3]),
                    Integer.parseInt(columns[4]),
                    Duration.ofSeconds(Long.parseLong(columns[5]))));
        }
        return new ConformanceTable(rows, List.of());
    }
}
