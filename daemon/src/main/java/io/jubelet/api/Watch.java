/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.desired.Manifest;
import io.jubelet.events.Event;
import io.jubelet.objects.EventJson;
import io.jubelet.status.ManifestWarnings;
import io.jubelet.status.PodReport;
import io.jubelet.status.StatusSnapshot;
import io.jubelet.status.StatusStore;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Streams changes as one JSON object per line, starting with everything that exists.
 *
 * <p>Confined to the thread of its request, which sleeps between changes. Changes that happen while
 * the client reads slowly are merged into one.
 */
final class Watch {

    /** The longest wait, a safety net for a change that was not signalled. */
    private static final Duration RESYNC = Duration.ofSeconds(10);

    private final StatusStore board;
    private final JsonFactory factory;

    Watch(StatusStore board, JsonFactory factory) {
        this.board = board;
        this.factory = factory;
    }

    /** Writes a pod. */
    interface PodWriter {
        void write(JsonGenerator out, PodReport report, Optional<Manifest> manifest) throws IOException;
    }

    /** Writes a manifest. */
    interface ManifestWriter {
        void write(JsonGenerator out, Manifest manifest) throws IOException;
    }

    /** An item as it was sent. */
    private record Sent(Object from, Optional<Manifest> manifest, String json) {}

    /** Streams the pods that {@code select} returns, until the client closes the connection. */
    void pods(Function<StatusSnapshot, List<PodReport>> select, PodWriter writer, ApiResponse response)
            throws IOException, InterruptedException {
        stream(response, (snapshot, before) -> {
            Map<Object, Sent> now = new HashMap<>();
            for (PodReport report : select.apply(snapshot)) {
                Optional<Manifest> manifest = snapshot.manifestOf(report.name());
                Sent old = before.get(report.name());
                // Reports are immutable: the same report beside the same manifest gives the same
                // JSON.
                boolean same =
                        old != null && old.from() == report && old.manifest().equals(manifest);
                now.put(
                        report.name(),
                        same ? old : new Sent(report, manifest, json(out -> writer.write(out, report, manifest))));
            }
            return now;
        });
    }

    /** Streams all manifests, until the client closes the connection. */
    void manifests(ManifestWriter writer, ApiResponse response) throws IOException, InterruptedException {
        stream(response, (snapshot, before) -> {
            Map<Object, Sent> now = new HashMap<>();
            for (Manifest manifest : ManifestWarnings.of(snapshot, board.events())) {
                Sent old = before.get(manifest.path());
                boolean same = old != null && old.from().equals(manifest);
                now.put(
                        manifest.path(),
                        same ? old : new Sent(manifest, Optional.empty(), json(out -> writer.write(out, manifest))));
            }
            return now;
        });
    }

    /** Streams events, until the client closes the connection. */
    void events(Supplier<List<Event>> wanted, EventJson writer, ApiResponse response)
            throws IOException, InterruptedException {
        stream(response, (_, before) -> {
            Map<Object, Sent> now = new HashMap<>();
            for (Event event : wanted.get()) {
                // Keys of equal length, so that sorting them orders the events by their first
                // times.
                String key = HexFormat.of().toHexDigits(event.id());
                Sent old = before.get(key);
                boolean same = old != null && old.from() == event;
                now.put(key, same ? old : new Sent(event, Optional.empty(), json(out -> writer.write(out, event))));
            }
            return now;
        });
    }

    private void stream(ApiResponse response, Turn turn) throws IOException, InterruptedException {
        response.head(200, "application/json;stream=watch");
        Map<Object, Sent> sent = Map.of();
        while (true) {
            StatusSnapshot snapshot = board.snapshot();
            Map<Object, Sent> now = turn.take(snapshot, sent);
            for (Map.Entry<Object, Sent> gone : sent.entrySet()) {
                if (!now.containsKey(gone.getKey())) {
                    line(response, "DELETED", gone.getValue().json());
                }
            }
            for (Map.Entry<Object, Sent> item : sorted(now)) {
                Sent old = sent.get(item.getKey());
                String json = item.getValue().json();
                if (old == null) {
                    line(response, "ADDED", json);
                } else if (!Objects.equals(old.json(), json)) {
                    line(response, "MODIFIED", json);
                }
            }
            response.flush();
            sent = now;
            board.awaitChange(snapshot.version(), RESYNC);
        }
    }

    private static List<Map.Entry<Object, Sent>> sorted(Map<Object, Sent> items) {
        return items.entrySet().stream()
                .sorted((a, b) -> a.getKey().toString().compareTo(b.getKey().toString()))
                .toList();
    }

    private static void line(ApiResponse response, String type, String json) throws IOException {
        response.write(("{\"type\":\"" + type + "\",\"object\":" + json + "}\n").getBytes(StandardCharsets.UTF_8));
    }

    private String json(Item item) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = factory.createGenerator(text)) {
            item.write(out);
        }
        return text.toString();
    }

    /** Makes the items of a snapshot; it may reuse those sent before. */
    private interface Turn {
        Map<Object, Sent> take(StatusSnapshot snapshot, Map<Object, Sent> before) throws IOException;
    }

    /** Writes one item. */
    private interface Item {
        void write(JsonGenerator out) throws IOException;
    }
}
