/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jubelet.concurrent.DurationHistogram;
import io.jubelet.metrics.Exposition.Format;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpositionTest {

    private static final Metric COUNTER = Metric.counter("jobs_total", "Jobs \"done\"\\so far.", "kind", "by");
    private static final Metric GAUGE = Metric.gauge("level", "A level.");
    private static final Metric HISTOGRAM = Metric.histogram("took_seconds", "How long.", "what");

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private interface Writing {
        void to(Exposition out) throws IOException;
    }

    private String write(Format format, Writing writing) throws IOException {
        Exposition out = new Exposition(bytes, format);
        writing.to(out);
        out.end();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void writesThePrometheusFormat() throws IOException {
        String text = write(Format.PROMETHEUS, out -> {
            out.sample(COUNTER, Instant.ofEpochMilli(1_500), 2, "a\"b\\c\nd", "x");
            out.sample(COUNTER, 0.5, "z", "y");
            out.sample(GAUGE, 1.5e300);
        });

        assertEquals("""
                # HELP jobs_total Jobs "done"\\\\so far.
                # TYPE jobs_total counter
                jobs_total{by="x",kind="a\\"b\\\\c\\nd"} 2 1500
                jobs_total{by="y",kind="z"} 0.5
                # HELP level A level.
                # TYPE level gauge
                level 1.5e300
                """, text);
    }

    @Test
    void writesOpenMetrics() throws IOException {
        String text = write(Format.OPEN_METRICS, out -> {
            out.sample(COUNTER, Instant.ofEpochMilli(1_500), 2, "a", "x");
            out.sample(GAUGE, 7);
        });

        assertEquals("""
                # HELP jobs Jobs \\"done\\"\\\\so far.
                # TYPE jobs counter
                jobs_total{by="x",kind="a"} 2 1.500
                # HELP level A level.
                # TYPE level gauge
                level 7
                # EOF
                """, text);
    }

    @Test
    void bucketsOfAHistogramAddUp() throws IOException {
        DurationHistogram durations = new DurationHistogram();
        durations.record(5_000_000);
        durations.record(6_000_000);
        durations.record(1_000_000_000);
        durations.record(60_000_000_000L);

        String text = write(Format.OPEN_METRICS, out -> out.histogram(HISTOGRAM, durations.snapshot(), "it"));

        assertEquals("""
                # HELP took_seconds How long.
                # TYPE took_seconds histogram
                took_seconds_bucket{le="0.005",what="it"} 1
                took_seconds_bucket{le="0.01",what="it"} 2
                took_seconds_bucket{le="0.025",what="it"} 2
                took_seconds_bucket{le="0.05",what="it"} 2
                took_seconds_bucket{le="0.1",what="it"} 2
                took_seconds_bucket{le="0.25",what="it"} 2
                took_seconds_bucket{le="0.5",what="it"} 2
                took_seconds_bucket{le="1.0",what="it"} 3
                took_seconds_bucket{le="2.5",what="it"} 3
                took_seconds_bucket{le="5.0",what="it"} 3
                took_seconds_bucket{le="10.0",what="it"} 3
                took_seconds_bucket{le="+Inf",what="it"} 4
                took_seconds_sum{what="it"} 61.011
                took_seconds_count{what="it"} 4
                # EOF
                """, text);
    }

    @Test
    void everyLabelNeedsAValue() {
        assertThrows(
                IllegalArgumentException.class, () -> write(Format.PROMETHEUS, out -> out.sample(COUNTER, 1, "a")));
    }

    @Test
    void exactlyTheNamesOfCountersEndInTotal() {
        assertThrows(IllegalArgumentException.class, () -> Metric.counter("jobs", "Jobs."));
        assertThrows(IllegalArgumentException.class, () -> Metric.gauge("jobs_total", "Jobs."));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                                                                     | PROMETHEUS
            */*                                                                                    | PROMETHEUS
            text/plain                                                                             | PROMETHEUS
            application/json                                                                       | PROMETHEUS
            application/openmetrics-text                                                           | OPEN_METRICS
            application/openmetrics-text; version=1.0.0; charset=utf-8                             | OPEN_METRICS
            application/openmetrics-text;version=0.0.1                                             | PROMETHEUS
            application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1 | OPEN_METRICS
            application/openmetrics-text;q=0.3, text/plain;q=0.7                                   | PROMETHEUS
            application/openmetrics-text;q=0                                                       | PROMETHEUS
            application/openmetrics-text;q=nonsense                                                | PROMETHEUS
            """)
    void formatIsTheOneThatTheClientPrefers(String accept, Format expected) {
        assertEquals(expected, Format.accepted(accept));
    }
}
