/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The parser with which a Prometheus server reads what it scrapes. */
final class PrometheusParser {

    private final Path program;

    PrometheusParser() throws IOException {
        this.program = ServerProcess.program("jubelet.test.prometheus-parser");
    }

    /**
     * A sample.
     *
     * @param millis the time of the measurement; empty if the response has none
     */
    record Sample(double value, String millis) {}

    /** The samples of a response by their series, such as {@code {__name__="up", job="x"}}, whose labels are sorted. */
    Map<String, Sample> parse(HttpResponse<String> response) throws IOException, InterruptedException {
        assertEquals(200, response.statusCode(), response::body);
        Path text = Files.createTempFile("jubelet-metrics", ".txt");
        try {
            Files.writeString(text, response.body());
            Process parser = new ProcessBuilder(List.of(
                            program.toString(),
                            response.headers().firstValue("Content-Type").orElse("")))
                    .redirectInput(text.toFile())
                    .redirectErrorStream(true)
                    .start();
            String out = new String(parser.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, parser.waitFor(), () -> out + response.body());
            Map<String, Sample> samples = new TreeMap<>();
            for (String line : out.lines().toList()) {
                String[] parts = line.split("\t", -1);
                samples.put(parts[0], new Sample(Double.parseDouble(parts[1].replace("Inf", "Infinity")), parts[2]));
            }
            assertTrue(!samples.isEmpty(), response::body);
            return samples;
        } finally {
            Files.delete(text);
        }
    }
}
