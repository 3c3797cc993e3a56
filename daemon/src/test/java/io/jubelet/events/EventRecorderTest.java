/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EventRecorderTest {

    private static final Instant T0 = Instant.parse("2026-01-01T10:00:00Z");

    private Instant now = T0;
    private final AtomicInteger changes = new AtomicInteger();
    private final EventRecorder events = new EventRecorder(() -> now, changes::incrementAndGet);

    @Test
    void countsSameEventOfSameObject() {
        events.normal(pod("web"), "app", "Started", "Container started");
        now = T0.plusSeconds(5);
        events.normal(pod("web"), "app", "Started", "Container started");
        Event event = events.all().getFirst();
        assertEquals(1, events.all().size());
        assertEquals(2, event.count());
        assertEquals(T0, event.series().first());
        assertEquals(T0.plusSeconds(5), event.last());
        assertEquals(2, changes.get());
    }

    @Test
    void messagesThatDifferInRandomIdsAloneAreOneEvent() {
        String path = "mkdir /sys/fs/cgroup/pod%s/%s: cannot allocate memory (runc-process%s)";
        events.warning(
                pod("web"),
                "Failed",
                path.formatted("0f8fad5b-d9cb-469f-a165-70867728950e", "3f2a9c0d1e4b", "3249729817"));
        String latest = path.formatted("7c9e6679-7425-40de-944b-e07fc1f90ae7", "a".repeat(64), "1120034558");
        events.warning(pod("web"), "Failed", latest);
        assertEquals(1, events.all().size());
        assertEquals(2, events.all().getFirst().count());
        assertEquals(latest, events.all().getFirst().message());
        events.warning(pod("web"), "Failed", latest.replace("memory", "space"));
        assertEquals(2, events.all().size());
    }

    @Test
    void shortNumbersAreNotRandomIds() {
        events.warning(pod("web"), "Failed", "exit code 1 of deadbeef");
        events.warning(pod("web"), "Failed", "exit code 2 of deadbeef");
        events.warning(pod("web"), "Failed", "exit code 2 of decaf");
        assertEquals(3, events.all().size());
    }

    @Test
    void totalIncludesDroppedEvents() {
        for (int i = 0; i < EventRecorder.MAX_EVENTS_PER_POD + 7; i++) {
            events.normal(pod("web"), "app", "Started", "Container started " + i);
        }
        events.normal(pod("web"), "app", "Started", "Container started 20");
        assertEquals(EventRecorder.MAX_EVENTS_PER_POD, events.snapshot().all().size());
        assertEquals(EventRecorder.MAX_EVENTS_PER_POD + 7, events.snapshot().total());
    }

    @Test
    void differentFieldMakesDifferentEvent() {
        events.normal(pod("web"), "app", "Started", "Container started");
        events.warning(pod("web"), "app", "Started", "Container started");
        events.normal(pod("web"), "Started", "Container started");
        events.normal(pod("web"), "app", "Created", "Container started");
        events.normal(pod("web"), "app", "Started", "other");
        events.normal(pod("db"), "app", "Started", "Container started");
        events.normal(new PodName("default", "web"), "other", "app", "Started", "Container started");
        assertEquals(7, events.all().size());
        assertEquals(7, events.all().stream().map(Event::id).distinct().count());
    }

    @Test
    void ordersByLastOccurrence() {
        events.normal(pod("web"), "app", "A", "");
        events.normal(pod("web"), "app", "B", "");
        events.normal(pod("web"), "app", "A", "");
        assertEquals(List.of("B", "A"), events.all().stream().map(Event::reason).toList());
    }

    @Test
    void failingPodDoesNotDisplaceEventsOfOthers() {
        events.normal(pod("quiet"), "app", "Started", "");
        for (int i = 0; i < 5000; i++) {
            events.warning(pod("noisy"), "app", "Unhealthy", "attempt " + i);
        }
        assertEquals(1 + EventRecorder.MAX_EVENTS_PER_POD, events.all().size());
        assertEquals("quiet", events.all().getFirst().pod().name());
        assertEquals("attempt 4999", events.all().getLast().message());
    }

    @Test
    void keepsAtMostOneThousand() {
        for (int i = 0; i < 3000; i++) {
            events.normal(pod("pod" + i / 3), "app", "Event" + i % 3, "");
        }
        assertEquals(EventRecorder.MAX_EVENTS, events.all().size());
        assertEquals("pod999", events.all().getLast().pod().name());
        for (int i = 0; i < 60; i++) {
            events.normal(pod("pod999"), "app", "More" + i, "");
        }
        assertEquals(
                EventRecorder.MAX_EVENTS_PER_POD,
                events.all().stream()
                        .filter(event -> event.pod().name().equals("pod999"))
                        .count());
    }

    @Test
    void namesFieldPath() {
        events.normal(pod("web"), "A", "");
        events.normal(pod("web"), "app", "A", "");
        events.normal(pod("web"), "init", "A", "");
        assertEquals(
                List.of(
                        Optional.empty(),
                        Optional.of("spec.containers{app}"),
                        Optional.of("spec.initContainers{init}")),
                events.all().stream().map(event -> event.object().fieldPath()).toList());
    }

    @Test
    void truncatesLongMessage() {
        events.warning(pod("web"), "app", "Unhealthy", "x".repeat(100_000));
        String message = events.all().getFirst().message();
        assertEquals(1024, message.length());
        assertTrue(message.endsWith("x..."));
    }

    private static Pod pod(String name) {
        ContainerSpec app = ContainerSpec.builder("app", "busybox").build();
        ContainerSpec init = ContainerSpec.builder("init", "busybox").build();
        return new Pod(
                new PodName("default", name),
                "node1",
                "0123",
                "v1:0123",
                Map.of(),
                Map.of(),
                PodSpec.builder(List.of(app)).initContainers(List.of(init)).build(),
                new Pod.Manifest("{}", "/manifests/" + name));
    }
}
