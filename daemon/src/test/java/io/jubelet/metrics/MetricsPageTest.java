/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Holds docs/metrics.md and the dashboard against the metrics that there are.
 *
 * <p>Run with {@code -Dreference.update=true} to write the tables anew, and read the difference.
 */
class MetricsPageTest {

    private static final Path PAGE = Path.of("../docs/metrics.md");
    private static final Path DASHBOARD = Path.of("../docs/grafana-dashboard.json");
    private static final Pattern EXPRESSION = Pattern.compile("\"expr\": *\"((?:[^\"\\\\]|\\\\.)*)\"");
    /** A word that is no function. */
    private static final Pattern WORD = Pattern.compile("\\b[a-z][a-z0-9_]*\\b(?! *\\()");

    private static final String START = "## Every metric\n";

    @Test
    void thePageListsEveryMetric() throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf(START);
        assertTrue(start > 0, "the page has no section: " + START);
        String expected = page.substring(0, start) + START + tables();
        if (Boolean.getBoolean("reference.update")) {
            Files.writeString(PAGE, expected);
        }
        assertEquals(expected, page);
    }

    private static String tables() {
        StringBuilder text = new StringBuilder();
        MetricPages.all().forEach((path, metrics) -> {
            text.append("\n### ").append(path).append("\n\n");
            text.append("| metric | type | labels | meaning |\n|---|---|---|---|\n");
            metrics.stream()
                    .sorted(Comparator.comparing(Metric::name))
                    .forEach(metric -> text.append("| `")
                            .append(metric.name())
                            .append("` | ")
                            .append(metric.type().name().toLowerCase(Locale.ROOT))
                            .append(" | ")
                            .append(String.join(", ", metric.labels()))
                            .append(" | ")
                            .append(metric.help().replace("|", "\\|"))
                            .append(" |\n"));
        });
        return text.toString();
    }

    @Test
    void noPathHasAMetricTwice() {
        for (Map.Entry<String, List<Metric>> page : MetricPages.all().entrySet()) {
            Set<String> names = new HashSet<>();
            page.getValue()
                    .forEach(metric -> assertTrue(names.add(metric.name()), page.getKey() + " " + metric.name()));
        }
    }

    @Test
    void theDashboardUsesOnlyMetricsThatThereAre() throws IOException {
        Set<String> known = new TreeSet<>();
        MetricPages.all()
                .values()
                .forEach(metrics -> metrics.forEach(metric -> {
                    if (metric.type() == Metric.Type.HISTOGRAM) {
                        known.addAll(
                                List.of(metric.name() + "_bucket", metric.name() + "_sum", metric.name() + "_count"));
                    } else {
                        known.add(metric.name());
                    }
                }));
        List<String> expressions = EXPRESSION
                .matcher(Files.readString(DASHBOARD))
                .results()
                .map(found -> found.group(1).replace("\\\"", "\""))
                .toList();
        assertFalse(expressions.isEmpty(), "the dashboard has no expression");
        for (String expression : expressions) {
            Set<String> used = names(expression);
            assertFalse(used.isEmpty(), "no metric in " + expression);
            used.removeAll(known);
            assertEquals(Set.of(), used, expression);
        }
    }

    /** The names of metrics in an expression of PromQL. */
    private static Set<String> names(String expression) {
        String rest = expression
                .replaceAll("\\{[^}]*}", "")
                .replaceAll("\\[[^\\]]*]", "")
                .replaceAll("\\b(by|without) *\\([^)]*\\)", "");
        Set<String> names = new TreeSet<>();
        Matcher word = WORD.matcher(rest);
        while (word.find()) {
            names.add(word.group());
        }
        return names;
    }
}
