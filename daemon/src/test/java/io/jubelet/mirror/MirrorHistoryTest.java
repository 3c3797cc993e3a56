/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.events.Event;
import io.jubelet.events.EventRecorder;
import io.jubelet.kubeapi.Reflector;
import io.jubelet.mirror.MirrorClient.Outcome;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is kept of requests from one plan to the next. */
class MirrorHistoryTest {

    private static final PodName WEB = new PodName("default", "web");
    private static final Pod POD = StaticPods.pod(WEB, "v1");
    private static final NamespacedName NAME = new NamespacedName("default", "web-node1");
    private static final Outcome FORBIDDEN = new Outcome.Rejected("403Forbidden", "quota", Duration.ZERO);

    private Instant now = Instant.parse("2026-01-01T12:00:00Z");
    private final EventRecorder events = new EventRecorder(() -> now, () -> {});
    private final MirrorHistory history = new MirrorHistory(
            StaticPods.NODE, events, name -> Optional.of(POD).filter(_ -> name.equals(WEB)), () -> now);
    private final MirrorAction create = new MirrorAction.Create(NAME, POD, "node-uid", now);

    private void happens(MirrorAction action, Outcome outcome) {
        history.markStarted(action);
        history.complete(action, outcome);
        history.processOutcomes();
    }

    private MirrorPlannerInput input(String... names) {
        List<MirroredPod> statics = List.of(names).stream()
                .map(name -> new MirroredPod(new PodName("default", name), Optional.of(POD), false, now, ""))
                .toList();
        return history.plannerInput(
                Optional.of("node-uid"), new Reflector.Snapshot<>(Map.of(), "7"), statics, Optional.empty(), now);
    }

    private MirrorFailure failure() {
        return input("web").history().records().get(NAME).failure().orElseThrow();
    }

    @Test
    void anActionIsBusyUntilItsOutcomeIsTaken() {
        history.markStarted(create);
        assertTrue(input("web").history().records().get(NAME).inFlight());
        assertEquals(1, history.inFlight());
        history.complete(create, new Outcome.Created(5));
        assertEquals(1, history.inFlight());
        history.processOutcomes();
        assertEquals(0, history.inFlight());
        assertEquals(
                Optional.of(new MirrorRecord.Creation(5, now, 0)),
                input("web").history().records().get(NAME).creation());
    }

    @Test
    void tellsARefusalOnceForEachReason() {
        happens(create, FORBIDDEN);
        happens(create, FORBIDDEN);
        assertEquals(2, failure().count());
        happens(create, new Outcome.Rejected("409AlreadyExists", "exists", Duration.ZERO));
        happens(create, new Outcome.Created(5));
        happens(create, FORBIDDEN);
        assertEquals(
                List.of(
                        "1 FailedMirrorPod The API server rejected the mirror pod: exists",
                        "2 FailedMirrorPod The API server rejected the mirror pod: quota"),
                events.all().stream()
                        .map(event -> event.count() + " " + event.reason() + " " + event.message())
                        .toList());
        assertTrue(events.all().stream().allMatch(Event::warning));
    }

    @Test
    void tellsOfAnApiServerThatIsBusyWhenThatGoesOn() {
        Outcome inFlight = new Outcome.Rejected("429TooManyRequests", "later", Duration.ofSeconds(2));
        happens(create, inFlight);
        happens(create, inFlight);
        assertEquals(List.of(), events.all());
        for (int i = 0; i < 3; i++) {
            happens(create, inFlight);
        }
        assertEquals(
                List.of("1 The API server rejected the mirror pod: later"),
                events.all().stream()
                        .map(event -> event.count() + " " + event.message())
                        .toList());
    }

    @Test
    void anEndOfAnOutageForgivesRefusalsButNotWhatHung() {
        happens(create, FORBIDDEN);
        history.retryNow(now);
        assertEquals(now, failure().nextTry());
        assertEquals(1, failure().count());
        happens(create, new Outcome.NoResponse("no answer"));
        history.retryNow(now);
        assertTrue(failure().nextTry().isAfter(now));
        happens(create, new Outcome.Rejected("429TooManyRequests", "later", Duration.ofSeconds(30)));
        assertEquals(now.plusSeconds(30), failure().waitUntil("another attempt"));
        history.retryNow(now);
        assertFalse(failure().waitUntil("another attempt").isAfter(now));
    }

    @Test
    void aMissingNamespaceIsRememberedForAllOfItsMirrorsUntilOneComes() {
        happens(create, new Outcome.NoNamespace("not found"));
        MirrorFailure missing = input("web").history().missingNamespaces().get("default");
        assertEquals(Optional.of("not found"), missing.message());
        assertEquals(now.plusSeconds(1), missing.nextTry());
        assertEquals(now, failure().nextTry());
        happens(create, FORBIDDEN);
        assertEquals(Map.of(), input("web").history().missingNamespaces());
        happens(create, new Outcome.NoNamespace("not found"));
        assertEquals(Map.of(), input().history().missingNamespaces());
    }

    @Test
    void manyMissingNamespacesAreAskedForLessOften() {
        for (int i = 0; i < 40; i++) {
            NamespacedName other = new NamespacedName("ns" + i, "web-node1");
            happens(new MirrorAction.Create(other, POD, "node-uid", now), new Outcome.NoNamespace("not found"));
        }
        happens(create, new Outcome.NoNamespace("not found"));
        assertEquals(
                now.plusSeconds(4),
                input("web").history().missingNamespaces().get("default").nextTry());
    }

    @Test
    void fortyStatusesAreWrittenInASecond() {
        MirrorAction patch = new MirrorAction.PatchStatus(NAME, WEB, "uid", "status");
        for (int i = 0; i < 30; i++) {
            happens(patch, new Outcome.Gone());
        }
        assertEquals(10, input("web").history().patchBudget());
        now = now.plusMillis(1001);
        assertEquals(40, input("web").history().patchBudget());
    }

    @Test
    void forgetsWhatIsNoMore() {
        happens(create, new Outcome.Created(5));
        assertEquals(Map.of(), input("other").history().records());
    }
}
