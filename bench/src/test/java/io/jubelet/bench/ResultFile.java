/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Writes the results as JSON with all samples, for programs. */
final class ResultFile {
    private ResultFile() {}

    /**
     * Writes the file, and creates its directory if it does not exist.
     *
     * @param about facts about the run: the machine, versions, options
     */
    static void write(Path file, Results results, Map<String, String> about) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (OutputStream out = Files.newOutputStream(file);
                JsonGenerator json = new JsonFactory().createGenerator(out).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeObjectFieldStart("about");
            for (Map.Entry<String, String> fact : about.entrySet()) {
                json.writeStringField(fact.getKey(), fact.getValue());
            }
            json.writeEndObject();
            json.writeArrayFieldStart("figures");
            for (Metric metric : Metric.values()) {
                if (results.has(metric)) {
                    write(json, metric, results);
                }
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void write(JsonGenerator json, Metric metric, Results results) throws IOException {
        json.writeStartObject();
        json.writeStringField("key", metric.key());
        json.writeStringField("title", metric.title());
        json.writeStringField("unit", metric.unit().symbol());
        json.writeArrayFieldStart("targets");
        for (Target target : metric.targets()) {
            json.writeString(target.text(metric.unit()));
        }
        json.writeEndArray();
        json.writeStringField("verdict", TargetStatus.on(metric, results).text());
        for (Subject subject : Subject.values()) {
            Optional<Samples> samples = results.samples(metric, subject);
            Optional<String> failure = results.failure(metric, subject);
            if (samples.isPresent()) {
                json.writeObjectFieldStart(subject.label());
                write(json, samples.get());
                json.writeEndObject();
            } else if (failure.isPresent()) {
                json.writeObjectFieldStart(subject.label());
                json.writeStringField("failure", failure.get());
                json.writeEndObject();
            }
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Samples samples) throws IOException {
        json.writeNumberField("median", samples.median());
        json.writeNumberField("min", samples.min());
        json.writeNumberField("p90", samples.p90());
        json.writeNumberField("max", samples.max());
        json.writeArrayFieldStart("samples");
        for (double value : samples.values()) {
            json.writeNumber(value);
        }
        json.writeEndArray();
    }
}
