package io.jubelet.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Renders results for people: one line a figure, the headline number and, of several samples, their range. */
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
        for (Figure figure : Figure.values()) {
            if (results.has(figure)) {
                List<String> line = new ArrayList<>(List.of(
                        figure.title(),
                        figure.unit().symbol(),
                        cell(figure, Subject.FLOOR, results),
                        cell(figure, Subject.JUBELET, results),
                        targets(figure),
                        Verdict.on(figure, results).text()));
                if (kubelet) {
                    line.add(cell(figure, Subject.KUBELET, results));
                }
                lines.add(line);
            }
        }
        return layOut(lines) + failures(results);
    }

    private static String cell(Figure figure, Subject subject, Results results) {
        if (results.failure(figure, subject).isPresent()) {
            return "failed";
        }
        return results.samples(figure, subject).map(s -> number(figure, s)).orElse("");
    }

    private static String number(Figure figure, Samples samples) {
        String headline = figure.unit().format(figure.headline(samples));
        if (samples.count() == 1 || figure == Figure.RESTART_MAX) {
            return headline;
        }
        return headline + " (" + figure.unit().format(samples.min()) + "-"
                + figure.unit().format(samples.max()) + ")";
    }

    private static String targets(Figure figure) {
        return figure.limits().stream().map(limit -> limit.text(figure.unit())).collect(Collectors.joining("; "));
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
        for (Figure figure : Figure.values()) {
            for (Subject subject : Subject.values()) {
                results.failure(figure, subject)
                        .ifPresent(reason -> out.append("failed: ")
                                .append(subject.label())
                                .append(", ")
                                .append(figure.title())
                                .append(": ")
                                .append(reason)
                                .append('\n'));
            }
        }
        return out.toString();
    }
}
