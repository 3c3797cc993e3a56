/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.api.LocalClient;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.PodTexts;
import io.jubelet.printing.Json;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RolloutTest {

    private static final String TEXT = PodTexts.pod("web", "example.com/web:2");
    private static final ManifestFile FILE = parse(TEXT);
    private static final String NEXT = FILE.pods().getFirst().hash();
    private static final String OLD =
            parse(PodTexts.pod("web", "example.com/web:1")).pods().getFirst().hash();
    private static final Path TARGET = Path.of("/m/web.yaml");

    private final Map<String, Deque<String>> answers = new HashMap<>();
    private final List<String> lines = new ArrayList<>();
    private final DaemonManifests daemon = new DaemonManifests(target -> {
        Deque<String> next = answers.get(target);
        if (next == null) {
            throw LocalClient.refused(404, "{}".getBytes(StandardCharsets.UTF_8));
        }
        String answer = next.size() > 1 ? next.removeFirst() : next.getFirst();
        return Json.read(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
    });

    private static ManifestFile parse(String text) {
        return ManifestFile.parse(text.getBytes(StandardCharsets.UTF_8), "/m/web.yaml", "node1");
    }

    /** The last answer is given again and again. */
    private void answer(String target, String... all) {
        answers.put(target, new ArrayDeque<>(List.of(all)));
    }

    private Rollout rollout() {
        Rollout.Clock clock = new Rollout.Clock() {
            private Duration now = Duration.ZERO;

            @Override
            public Duration now() {
                return now;
            }

            @Override
            public void pause() {
                now = now.plusSeconds(1);
            }
        };
        return new Rollout(FILE, TARGET, daemon, clock, lines::add);
    }

    private static String manifests(String state, String problem) {
        return "{\"items\": [{\"path\": \"/m/web.yaml\", \"state\": \"" + state
                + "\", \"pods\": [\"default/web\"], \"problems\": [{\"message\": \"" + problem + "\"}]}]}";
    }

    private static String versions(String desired) {
        return "{\"desired\": {\"hash\": \"" + desired + "\", \"document\": {}}}";
    }

    private static String described(String desired, String more, String phase, String ready) {
        return "{\"name\": \"web\", " + more + " \"desired\": {\"hash\": \"" + desired + "\"}, \"pod\": {\"status\":"
                + " {\"phase\": \"" + phase + "\", \"conditions\": [{\"type\": \"Ready\", \"status\": \"" + ready
                + "\"}]}}}";
    }

    private static final String DESCRIBE = "/jubelet/v1/pods/default/web/describe";

    @Test
    void aFileIsAcceptedWhenItsPodsAreDesired() throws Exception {
        answer("/jubelet/v1/manifests", "{\"items\": []}", manifests("Accepted", ""));
        answer("/jubelet/v1/pods/default/web/versions", versions(OLD), versions(NEXT));
        assertEquals(Optional.empty(), rollout().awaitAcceptance(Duration.ofSeconds(10)));
    }

    @Test
    void aFileThatIsNotAcceptedIsExplained() throws Exception {
        answer("/jubelet/v1/manifests", manifests("Refused", "needs about 9 KiB of memory"));
        assertEquals(
                Optional.of("/m/web.yaml is in state Refused after 10 s: needs about 9 KiB of memory"),
                rollout().awaitAcceptance(Duration.ofSeconds(10)));
        answer("/jubelet/v1/manifests", "{\"items\": []}");
        assertEquals(
                Optional.of("the daemon has not seen /m/web.yaml within 10 s"),
                rollout().awaitAcceptance(Duration.ofSeconds(10)));
    }

    @Test
    void aReadyOldVersionDoesNotCount() throws Exception {
        answer(
                DESCRIBE,
                described(OLD, "", "Running", "True"),
                described(NEXT, "\"running\": {\"hash\": \"" + OLD + "\"},", "Running", "True"),
                described(NEXT, "\"message\": \"the image is being pulled\",", "Pending", "False"),
                described(NEXT, "\"message\": \"the image is being pulled\",", "Pending", "False"),
                described(NEXT, "", "Running", "True"));
        assertEquals(List.of(), rollout().awaitReady(Duration.ofSeconds(60)));
        assertEquals(
                List.of(
                        "default/web: starting",
                        "default/web: the old version is stopping",
                        "default/web: the image is being pulled",
                        "default/web: is ready"),
                lines);
    }

    @Test
    void aPodThatSucceedsIsDoneAndOneThatFailsEndsTheWait() throws Exception {
        answer(DESCRIBE, described(NEXT, "", "Succeeded", "False"));
        assertEquals(List.of(), rollout().awaitReady(Duration.ofSeconds(60)));
        answer(DESCRIBE, described(NEXT, "\"message\": \"exit code 3\",", "Failed", "False"));
        assertEquals(List.of("default/web has failed: exit code 3"), rollout().awaitReady(Duration.ofSeconds(60)));
    }

    @Test
    void theLastReasonIsToldWhenTimeIsOver() throws Exception {
        answer(DESCRIBE, described(NEXT, "\"message\": \"the image is not there\",", "Pending", "False"));
        List<String> failures = rollout().awaitReady(Duration.ofSeconds(3));
        assertEquals(List.of("default/web is not ready after 3 s: the image is not there"), failures);
        answers.remove(DESCRIBE);
        assertTrue(rollout().awaitReady(Duration.ZERO).getFirst().endsWith("after 0 s: starting"));
    }
}
