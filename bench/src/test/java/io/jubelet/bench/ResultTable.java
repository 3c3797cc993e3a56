/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Renders the results as text: a line for each metric with its headline value and, of several samples, their range. */
final class ResultTable {
    private ResultTable() {}

    static String render(Results results) {
        boolean kubelet = results.has(Subject.KUBELET);
        List<List<String>> lines = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("what", "unit", "floor", "jubelet", "target", "verdict"));
        if (kubelet) {
            header.add("kubelet");
        }
        lines.add(header);
        for (Metric metric : Metric.values()) {
            if (results.has(metric)) {
                List<String> line = new ArrayList<>(List.of(
                        metric.title(),
                        metric.unit().symbol(),
                        cell(metric, Subject.FLOOR, results),
                        cell(metric, Subject.JUBELET, results),
                        targets(metric),
                        TargetStatus.on(metric, results).text()));
                if (kubelet) {
                    line.add(cell(metric, Subject.KUBELET, results));
                }
                lines.add(line);
            }
        }
        return layOut(lines) + failures(results);
    }

    private static String cell(Metric metric, Subject subject, Results results) {
        if (results.failure(metric, subject).isPresent()) {
            return "failed";
        }
        return results.samples(metric, subject).map(s -> number(metric, s)).orElse("");
    }

    private static String number(Metric metric, Samples samples) {
        String headline = metric.unit().format(metric.headline(samples));
        if (samples.count() == 1 || metric == Metric.RESTART_MAX) {
            return headline;
        }
        return headline + " (" + metric.unit().format(samples.min()) + "-"
                + metric.unit().format(samples.max()) + ")";
    }

    private static String targets(Metric metric) {
        return metric.targets().stream()
                .map(target -> target.text(metric.unit()))
                .collect(Collectors.joining("; "));
    }

    private static String layOut(List<List<String>> lines) {
        int columns = lines.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> line : lines) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder out = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                text.append(line.get(i)).repeat(' ', widths[i] - line.get(i).length() + 2);
            }
            out.append(text.toString().stripTrailing()).append('\n');
        }
        return out.toString();
    }

    private static String failures(Results results) {
        StringBuilder out = new StringBuilder();
        for (Metric metric : Metric.values()) {
            for (Subject subject : Subject.values()) {
                results.failure(metric, subject)
                        .ifPresent(reason -> out.append("failed: ")
                                .append(subject.label())
                                .append(", ")
                                .append(metric.title())
                                .append(": ")
                                .append(reason)
                                .append('\n'));
            }
        }
        return out.toString();
    }
}
