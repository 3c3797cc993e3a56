/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static io.jubelet.kubeapi.LyingApiServer.answer;
import static io.jubelet.kubeapi.LyingApiServer.endless;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.FieldSelection;
import io.jubelet.testing.Eventually;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReflectorTest {

    private static final String LIST = "/things?fieldSelector=of%3Dus&limit=100";
    private static final String WATCH = "/things?fieldSelector=of%3Dus&watch=true";

    private LyingApiServer server;
    private KubeApi api;
    private Reflector<String> reflector;
    private final AtomicInteger changes = new AtomicInteger();

    @BeforeEach
    void start() throws Exception {
        server = new LyingApiServer();
        api = new KubeApi(server.client(), "test", InstantSource.system());
        Retention<String> retention = new Retention<>() {
            @Override
            public int weight(String name) {
                return 1000 + name.length();
            }

            @Override
            public boolean isRequired(String name) {
                return name.startsWith("ours");
            }
        };
        reflector = new Reflector<>(
                api,
                new WatchedCollection<>(
                        "things",
                        "/things",
                        "of=us",
                        FieldSelection.NOTHING.with("metadata", "name"),
                        thing -> Optional.of(thing.text("metadata", "name")),
                        retention),
                changes::incrementAndGet);
        server.respond(WATCH, server.stalled(chunk("")));
    }

    @AfterEach
    void close() throws Exception {
        reflector.close();
        api.close();
        server.close();
    }

    private void begin() {
        api.start();
        reflector.start();
    }

    private static String chunk(String text) {
        return "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + text;
    }

    private static String thing(String name) {
        return "{\"metadata\":{\"name\":\"" + name + "\",\"uid\":\"uid-" + name
                + "\",\"resourceVersion\":\"5\",\"annotations\":{\"a\":\"b\"}},\"spec\":{}}";
    }

    private static String list(String metadata, String... things) {
        return "{\"kind\":\"ThingList\",\"metadata\":{" + metadata + "},\"items\":[" + String.join(",", things) + "]}";
    }

    private Map<String, String> objects() {
        return Eventually.await("the objects", reflector::objects, Optional::isPresent)
                .orElseThrow();
    }

    @Test
    void readsTheListPageByPage() {
        server.respond(LIST, answer(200, "", list("\"resourceVersion\":\"7\",\"continue\":\"a/b+c\"", thing("a"))));
        server.respond(LIST + "&continue=a%2Fb%2Bc", answer(200, "", list("\"resourceVersion\":\"7\"", thing("b"))));
        begin();
        assertEquals(Map.of("uid-a", "a", "uid-b", "b"), objects());
        Eventually.await("the watch", () -> server.requests("GET " + WATCH).size() == 1);
        assertTrue(
                server.requests("GET " + WATCH).getFirst().contains("&resourceVersion=7 "),
                () -> server.requests("GET " + WATCH).getFirst());
    }

    @Test
    void followsTheWatch() {
        server.respond(LIST, answer(200, "", list("\"resourceVersion\":\"7\"", thing("a"), thing("b"))));
        server.respond(
                WATCH,
                server.stalled(chunk("{\"type\":\"ADDED\",\"object\":" + thing("c")
                        + "}\n{\"type\":\"DELETED\",\"object\":" + thing("a")
                        + "}\n{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}}}")));
        begin();
        Reflector.Snapshot<String> snapshot = Eventually.await(
                        "the events",
                        reflector::snapshot,
                        now -> now.isPresent() && now.get().version().equals("9"))
                .orElseThrow();
        assertEquals(Map.of("uid-b", "b", "uid-c", "c"), snapshot.objects());
        assertTrue(changes.get() >= 3);
    }

    @Test
    void keepsThoseThatAreRequiredOfVeryMany() {
        String[] things = new String[10_000];
        for (int i = 0; i < things.length; i++) {
            things[i] = thing(i == 9_999 ? "ours" : "foreign" + i);
        }
        server.respond(LIST, answer(200, "", list("\"resourceVersion\":\"7\"", things)));
        begin();
        Map<String, String> kept = objects();
        assertTrue(kept.containsKey("uid-ours"));
        assertTrue(
                kept.size() > 1000 && kept.size() * 1000L <= KeptObjects.MAX_WEIGHT + 1000,
                () -> "kept " + kept.size());
    }

    @Test
    void skipsAnObjectWithTooManyFieldsAlone() {
        String large = "{\"metadata\":{\"name\":\"" + "n".repeat(ResponseBodies.MAX_KEPT_CHARS) + "\",\"uid\":\"u\"}}";
        server.respond(LIST, answer(200, "", list("\"resourceVersion\":\"7\"", thing("a"), large, thing("b"))));
        begin();
        assertEquals(Map.of("uid-a", "a", "uid-b", "b"), objects());
        assertTrue(api.reachable());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"resourceVersion\":\"\"", "\"resourceVersion\":{}"})
    void aListWithoutAVersionIsNoneOfAnApiServer(String metadata) {
        server.respond(LIST, answer(200, "", list(metadata, thing("a"))));
        begin();
        Eventually.await("an outage", api::problem, problem -> problem.contains("resourceVersion"));
    }

    @Test
    void aListThatGoesOnForEverIsNoneOfAnApiServer() {
        server.respond(LIST, answer(200, "", list("\"resourceVersion\":\"7\",\"continue\":\"x\"", thing("a"))));
        begin();
        Eventually.await("an outage", api::problem, problem -> problem.contains("continue token"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"type\":\"ADDED\",\"object\":{\"x\":\"|y", "{\"type\":\"ADDED\"}\n|{}", "<html>|x", "|[]"})
    void aWatchThatIsNoneEndsInAnOutageWithoutBeingStored(String events) {
        server.respond(LIST, answer(200, "", list("\"resourceVersion\":\"7\"", thing("a"))));
        String[] parts = events.split("\\|");
        server.respond(WATCH, endless(chunk(parts[0]), parts[1]));
        begin();
        Eventually.await("a first outage", api::problem, problem -> !problem.isEmpty() && !problem.contains("yet"));
        // After a pause that doubles, so there are few attempts.
        Eventually.await("a pause", () -> server.requests("GET " + WATCH).size() >= 3);
        assertFalse(server.requests("GET " + WATCH).size() > 4);
    }

    @Test
    void aWatchThatExpiresAgainAndAgainIsBegunAfterGrowingPauses() {
        server.respond(LIST, answer(200, "", list("\"resourceVersion\":\"7\"", thing("a"))));
        server.respond(WATCH, answer(200, "", "{\"type\":\"ERROR\",\"object\":{\"code\":410}}"));
        begin();
        Eventually.await("three watches", () -> server.requests("GET " + WATCH).size() >= 3);
        long third = System.nanoTime();
        Eventually.await("a fourth", () -> server.requests("GET " + WATCH).size() >= 4);
        Duration pause = Duration.ofNanos(System.nanoTime() - third);
        assertTrue(pause.toMillis() > 3000, () -> "the third pause was " + pause);
        assertTrue(api.reachable());
    }

    @Test
    void errorEventsOfAnyKindAreErrors() {
        server.respond(LIST, answer(200, "", list("\"resourceVersion\":\"7\"", thing("a"))));
        server.respond(
                WATCH, answer(200, "", "{\"type\":\"ERROR\",\"object\":{\"code\":99999999999,\"message\":\"no\"}}"));
        begin();
        Eventually.await("two watches", () -> server.requests("GET " + WATCH).size() >= 2);
        assertTrue(api.reachable());
    }
}
