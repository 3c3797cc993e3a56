/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.metrics;

import io.jubelet.concurrent.DurationHistogram;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes metrics as text. Samples of one metric are written one after the other; a metric without a sample is left out.
 *
 * <p>Used by one thread.
 */
final class Exposition {

    /** A text format. */
    enum Format {
        /** That of Prometheus. */
        PROMETHEUS("text/plain; version=0.0.4; charset=utf-8"),
        /** OpenMetrics 1.0. */
        OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

        private final String contentType;

        Format(String contentType) {
            this.contentType = contentType;
        }

        String contentType() {
            return contentType;
        }

        /** Chooses by the header {@code Accept}: OpenMetrics if the client prefers it to plain text or names only that. */
        static Format accepted(String accept) {
            double plain = -1;
            double open = -1;
            for (String range : accept.toLowerCase(Locale.ROOT).split(",")) {
                String[] parts = range.split(";");
                double quality = quality(parts);
                switch (parts[0].strip()) {
                    case "application/openmetrics-text" -> open = isVersion1(parts) ? Math.max(open, quality) : open;
                    case "text/plain", "text/*", "*/*" -> plain = Math.max(plain, quality);
                    default -> {
                        // another format, which is not written here
                    }
                }
            }
            return open > 0 && open >= plain ? OPEN_METRICS : PROMETHEUS;
        }

        private static double quality(String[] parts) {
            for (String part : parts) {
                if (part.strip().startsWith("q=")) {
                    try {
                        return Double.parseDouble(part.strip().substring(2));
                    } catch (NumberFormatException _) {
                        return 0;
                    }
                }
            }
            return 1;
        }

        private static boolean isVersion1(String[] parts) {
            for (String part : parts) {
                if (part.strip().startsWith("version=")) {
                    return part.strip().equals("version=1.0.0");
                }
            }
            return true;
        }
    }

    private final BufferedWriter out;
    private final Format format;
    private @Nullable Metric current;

    /** @param stream is not closed */
    Exposition(OutputStream stream, Format format) {
        this.out = new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8));
        this.format = Objects.requireNonNull(format, "format");
    }

    /** Writes a sample. */
    void sample(Metric metric, double value, String... labels) throws IOException {
        sample(metric, Optional.empty(), value, labels);
    }

    /** Writes a sample that was taken at a time. */
    void sample(Metric metric, Instant at, double value, String... labels) throws IOException {
        sample(metric, Optional.of(at), value, labels);
    }

    private void sample(Metric metric, Optional<Instant> at, double value, String... labels) throws IOException {
        begin(metric);
        line(metric.name(), metric.labels(), List.of(labels), number(value), at);
    }

    /** Writes a histogram. */
    void histogram(Metric metric, DurationHistogram.Snapshot durations, String... labels) throws IOException {
        begin(metric);
        List<String> names = new ArrayList<>(metric.labels());
        names.add("le");
        List<String> values = new ArrayList<>(List.of(labels));
        values.add("");
        long count = 0;
        for (int i = 0; i < durations.counts().size(); i++) {
            count += durations.counts().get(i);
            boolean last = i == durations.bounds().size();
            values.set(labels.length, last ? "+Inf" : bound(durations.bounds().get(i)));
            line(metric.name() + "_bucket", names, values, number(count), Optional.empty());
        }
        line(
                metric.name() + "_sum",
                metric.labels(),
                List.of(labels),
                number(seconds(durations.sum())),
                Optional.empty());
        line(metric.name() + "_count", metric.labels(), List.of(labels), number(count), Optional.empty());
    }

    static double seconds(Duration duration) {
        return duration.getSeconds() + duration.getNano() / 1e9;
    }

    static double seconds(Instant time) {
        return time.getEpochSecond() + time.getNano() / 1e9;
    }

    private String bound(Duration bound) {
        String number = number(seconds(bound));
        return format == Format.OPEN_METRICS && !number.contains(".") ? number + ".0" : number;
    }

    /** Ends the text. */
    void end() throws IOException {
        if (format == Format.OPEN_METRICS) {
            out.write("# EOF\n");
        }
        out.flush();
    }

    private void begin(Metric metric) throws IOException {
        if (metric.equals(current)) {
            return;
        }
        current = metric;
        String name = metric.name();
        if (format == Format.OPEN_METRICS && name.endsWith(Metric.TOTAL)) {
            name = name.substring(0, name.length() - Metric.TOTAL.length());
        }
        out.write("# HELP " + name + " " + escaped(metric.help(), format == Format.OPEN_METRICS) + "\n");
        out.write("# TYPE " + name + " " + metric.type().name().toLowerCase(Locale.ROOT) + "\n");
    }

    private void line(String name, List<String> labels, List<String> values, String value, Optional<Instant> at)
            throws IOException {
        if (labels.size() != values.size()) {
            throw new IllegalArgumentException(name + " has the labels " + labels + ", not " + values.size());
        }
        out.write(name);
        if (!labels.isEmpty()) {
            List<String> pairs = new ArrayList<>();
            for (int i = 0; i < labels.size(); i++) {
                pairs.add(labels.get(i) + "=\"" + escaped(values.get(i), true) + "\"");
            }
            Collections.sort(pairs); // as clients of Prometheus do
            out.write("{" + String.join(",", pairs) + "}");
        }
        out.write(" " + value);
        if (at.isPresent()) {
            long millis = at.get().toEpochMilli();
            out.write(" " + (format == Format.OPEN_METRICS ? BigDecimal.valueOf(millis, 3) : millis));
        }
        out.write('\n');
    }

    private static String escaped(String text, boolean quotes) {
        String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
        return quotes ? escaped.replace("\"", "\\\"") : escaped;
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            return Long.toString((long) value);
        }
        return Double.toString(value).replace("E", "e").replace("Infinity", "+Inf");
    }
}
