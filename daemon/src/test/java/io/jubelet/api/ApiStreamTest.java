/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static io.jubelet.status.PodViews.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.pod.PodName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers of the local API that go on: watches and logs. */
class ApiStreamTest extends TestApiServer {

    @Test
    void watchStreamsExistingPodsAndThenChanges() throws Exception {
        try (BufferedReader lines = lines("/api/v1/pods?watch=true")) {
            for (String name : List.of("crashing", "old", "pulling", "web")) {
                String line = lines.readLine();
                assertTrue(line.startsWith("{\"type\":\"ADDED\"") && line.contains(name + "-node1"), line);
            }
            board.publish(pod("pulling", "app").sandbox().running("app", 0, 61).build());
            String changed = lines.readLine();
            assertTrue(
                    changed.startsWith("{\"type\":\"MODIFIED\"") && changed.contains("\"phase\":\"Running\""), changed);
            board.retire(new PodName("default", "old"));
            String gone = lines.readLine();
            assertTrue(gone.startsWith("{\"type\":\"DELETED\"") && gone.contains("old-node1"), gone);
        }
    }

    @Test
    void watchOfManifestsBeginsWithAll() throws Exception {
        try (BufferedReader lines = lines("/jubelet/v1/manifests?watch=1")) {
            for (int i = 0; i < 4; i++) {
                assertTrue(lines.readLine().startsWith("{\"type\":\"ADDED\",\"object\":{\"path\":\"/etc/"));
            }
        }
    }

    @Test
    void streamsLogOfRequestedInstance() throws Exception {
        AtomicReference<LogRequest> asked = new AtomicReference<>();
        logs.set((request, live, out) -> {
            asked.set(request);
            out.write((live.getAsBoolean() ? "live" : "dead").getBytes(StandardCharsets.UTF_8));
        });
        assertEquals("live", get("/containerLogs/default/web/app?tailLines=7&timestamps=true&follow=true"));
        assertEquals(1, asked.get().attempt());
        assertEquals(7, asked.get().options().tailLines().orElseThrow());
        assertTrue(asked.get().options().follow() && asked.get().options().timestamps());
        assertEquals("dead", get("/containerLogs/default/web/app?previous=true"));
        assertEquals(0, asked.get().attempt());
        // What waits to be started again has ended already: its newest instance is the previous one.
        get("/containerLogs/default/crashing/app?previous=true");
        assertEquals(3, asked.get().attempt());
    }

    @Test
    void limitsLogByBytesAndTime() throws Exception {
        AtomicReference<LogRequest> asked = new AtomicReference<>();
        CountDownLatch ended = new CountDownLatch(1);
        logs.set((request, _, out) -> {
            asked.set(request);
            try {
                for (int i = 0; i < 1000 || request.options().follow(); i++) {
                    out.write("0123456789".getBytes(StandardCharsets.UTF_8));
                    out.flush();
                }
            } finally {
                ended.countDown();
            }
        });
        String log = "/containerLogs/default/web/app";
        assertEquals("0123456789012", get(log + "?limitBytes=13&follow=true"));
        assertTrue(ended.await(60, TimeUnit.SECONDS), "the log of a disconnected client is still read");
        assertEquals(10_000, get(log + "?limitBytes=10001&stream=All").length());
        Instant now = Instant.parse("2026-01-01T12:00:00Z");
        assertEquals(Optional.empty(), asked.get().options().oldest(now));
        get(log + "?sinceSeconds=90");
        assertEquals(Optional.of(now.minusSeconds(90)), asked.get().options().oldest(now));
        get(log + "?sinceTime=2026-01-01T10:00:00%2B02:00");
        assertEquals(
                Optional.of(Instant.parse("2026-01-01T08:00:00Z")),
                asked.get().options().oldest(now));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        sinceSeconds=0                                   | parameter sinceSeconds must be a number of one or more
        limitBytes=0                                     | parameter limitBytes must be a number of one or more
        limitBytes=-1                                    | parameter limitBytes must be a number of zero or more
        sinceTime=yesterday                              | parameter sinceTime must be a time such as
        sinceSeconds=1&sinceTime=2026-01-01T10:00:00Z    | at most one of sinceTime and sinceSeconds
        stream=Stderr                                    | parameter stream must be All
        """)
    void rejectsInvalidLogParameters(String query, String expected) {
        ClientException refused =
                assertThrows(ClientException.class, () -> client().get("/containerLogs/default/web/app?" + query));
        assertTrue(refused.getMessage().contains(expected), refused::getMessage);
    }

    @Test
    void deliversLongLogCompletely() throws Exception {
        byte[] part = "0123456789abcdef".repeat(4096).getBytes(StandardCharsets.UTF_8);
        logs.set((_, _, out) -> {
            for (int i = 0; i < 200; i++) {
                out.write(part);
            }
        });
        try (InputStream in = client().get("/containerLogs/default/web/app")) {
            assertEquals(200L * part.length, in.transferTo(OutputStream.nullOutputStream()));
        }
    }

    @Test
    void logThatIsGoneIsNotFound() {
        logs.set((_, _, _) -> {
            throw new NoSuchFileException("/var/log/pods/x");
        });
        ClientException gone =
                assertThrows(ClientException.class, () -> client().get("/containerLogs/default/web/app"));
        assertEquals("container \"app\" in pod \"web\" has no log for attempt 1 any more", gone.getMessage());
    }

    @Test
    void followingStopsWhenClientDisconnects() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        logs.set((_, _, out) -> {
            out.write('x');
            out.flush();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException stop) {
                interrupted.countDown();
                throw stop;
            }
        });
        try (InputStream in = client().get("/containerLogs/default/web/app?follow=true")) {
            assertEquals('x', in.read());
        }
        assertTrue(interrupted.await(60, TimeUnit.SECONDS));
    }

    @Test
    void abortsResponseToStalledClient() throws Exception {
        server.close();
        // Long enough for who asks, and has to wait for a processor first.
        server = server(Duration.ofSeconds(1));
        server.bind();
        server.start();
        CountDownLatch failed = new CountDownLatch(1);
        logs.set((_, _, out) -> {
            byte[] part = new byte[64 * 1024];
            try {
                while (true) {
                    out.write(part);
                }
            } catch (IOException slow) {
                failed.countDown();
                throw slow;
            }
        });
        try (InputStream _ = client().get("/containerLogs/default/web/app?follow=true")) {
            assertTrue(failed.await(60, TimeUnit.SECONDS));
        }
        assertEquals("ok", get("/healthz"));
    }
}
