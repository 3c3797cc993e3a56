/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.ContainerPort.Protocol;
import io.jubelet.pod.Pod;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which workers a change of what pods reserve wakes, and that no other change does. */
class AdmissionWakeUpTest extends AdmittedPods {

    /** Pod a has the port, b waits for it. */
    private void bWaitsForA() {
        listed();
        start(onPort("a", 80));
        want(onPort("b", 80));
        assertEquals("NodePorts", turn("b"));
        woken.clear();
    }

    private void end(Pod job) {
        runtime.put(
                job.name(),
                new ObservedPod(job.name(), List.of(TestPods.sandbox("s", job.uid(), 0, false)), List.of()));
    }

    @Test
    void theFirstListWakesAndALaterOneDoesNot() {
        want(onPort("a", 80), onPort("b", 80));
        assertEquals(AdmissionRejection.UNDECIDED.reason(), turn("a"));
        woken.clear();
        listed();
        assertEquals(List.of(name("a")), woken);
        woken.clear();
        admission.listed(Set.of(name("z")));
        assertEquals(List.of(), woken);
        assertEquals("", turn("a"), "a later list says nothing about pods that ran at the start");
    }

    @Test
    void anUpdateThatChangesNothingWakesNoPod() {
        bWaitsForA();
        turn("a");
        turn("b");
        assertEquals(List.of(), woken);
    }

    @Test
    void aNewReservationWakesThePodsThatWait() {
        bWaitsForA();
        want(plain("c"));
        turn("c");
        assertEquals(List.of(name("b")), woken);
    }

    @Test
    void aNewRejectionWakesTheOtherRejectedPodsOnly() {
        bWaitsForA();
        want(onPort("c", 80));
        assertEquals("NodePorts", turn("c"));
        assertEquals(List.of(name("b")), woken);
        woken.clear();
        turn("c");
        assertEquals(List.of(), woken, "the rejection is not new");
        want(onPort("c", "c2", "", 80, Protocol.TCP));
        turn("c");
        assertEquals(List.of(name("b")), woken, "another version is rejected");
    }

    @Test
    void aRejectionThatEndsWakesTheOthers() {
        bWaitsForA();
        want(plain("b"));
        assertEquals("", turn("b"));
        assertEquals(Optional.empty(), admission.rejection(name("b")));
        want(onPort("b", 80));
        turn("b");
        want(onPort("c", 80));
        turn("c");
        woken.clear();
        gone("b");
        assertEquals(List.of(name("c")), woken);
    }

    @Test
    void aPodThatTheNodeDoesNotSupportWakesOnceAndAgainWhenItIsSupported() {
        bWaitsForA();
        Pod other = plain("c");
        want(other);
        Optional<AdmissionRejection> unsupported = Optional.of(new AdmissionRejection("SysctlForbidden", "no"));
        for (int i = 0; i < 2; i++) {
            admission.update(observed(other.name()), Optional.of(other), Optional.empty(), _ -> unsupported);
        }
        assertEquals(List.of(name("b")), woken);
        woken.clear();
        admission.update(observed(other.name()), Optional.of(other), Optional.empty(), _ -> Optional.empty());
        assertEquals(List.of(name("b")), woken);
        assertEquals(Optional.empty(), admission.rejection(other.name()));
    }

    @Test
    void theEndOfAPodWakesOnceAndItsReturnToo() {
        bWaitsForA();
        Pod job = wanted.get(name("a"));
        end(job);
        admission.planned(job.name(), Optional.of(job), true);
        assertEquals(List.of(name("b")), woken);
        woken.clear();
        admission.planned(job.name(), Optional.of(job), true);
        assertEquals(List.of(), woken, "it was over before");
        admission.planned(job.name(), Optional.of(job), false);
        assertEquals(List.of(name("b")), woken, "it is no longer over");
        woken.clear();
        admission.planned(job.name(), Optional.of(job), false);
        assertEquals(List.of(), woken);
    }

    @Test
    void theEndOfAPodThatReservedNothingWakesNoPod() {
        bWaitsForA();
        Pod job = plain("c");
        want(job);
        end(job);
        admission.planned(job.name(), Optional.of(job), true);
        assertEquals(List.of(), woken);
        assertEquals(Optional.empty(), decide(observed(job.name()), Optional.of(job)), "and it is not rejected");
    }

    @Test
    void anEndIsForgottenWithTheManifest() {
        listed();
        Pod job = onPort("a", 80);
        start(job);
        end(job);
        admission.planned(job.name(), Optional.of(job), true);
        wanted.remove(job.name());
        decide(observed(job.name()), Optional.empty());
        want(job, onPort("b", 80));
        assertEquals("NodePorts", turn("b"), "a is wanted anew, and comes first by name");
    }

    @Test
    void theFirstPlanOfAPodThatRanAtTheStartWakesThePodsThatWaitForIt() {
        want(onPort("a", 80), plain("b"));
        runs(wanted.get(name("b")));
        listed();
        assertEquals(AdmissionRejection.UNDECIDED.reason(), turn("a"));
        decide(observed(name("b")), Optional.of(wanted.get(name("b"))));
        woken.clear();
        admission.planned(name("b"), Optional.of(wanted.get(name("b"))), false);
        assertEquals(List.of(name("a")), woken);
        assertEquals("", turn("a"));
    }

    @Test
    void thePlacesOfPodsThatAreNotYetObservedAreKeptForThem() {
        admission = admission(3);
        want(plain("a"), plain("b"), plain("c"));
        runs(plain("b"));
        runs(plain("c"));
        listed();
        assertEquals("", turn("a"), "one and the two that run make three");
        admission = admission(2);
        listed();
        assertEquals(AdmissionRejection.UNDECIDED.reason(), turn("a"));
    }

    @Test
    void everyCallReleasesTheLock() throws Exception {
        bWaitsForA();
        admission.listed(List.of());
        elsewhere(() -> admission.rejection(name("b")));
        elsewhere(() -> decide(ObservedPod.none(name("c")), Optional.empty()));
        elsewhere(() -> admission.planned(name("c"), Optional.empty(), false));
        elsewhere(() -> admission.listed(List.of()));
        elsewhere(() -> turn("b"));
        assertTrue(admission.rejection(name("b")).isPresent());
    }

    private static void elsewhere(Runnable call) throws Exception {
        CompletableFuture.runAsync(call, task -> Thread.ofPlatform().daemon().start(task))
                .get(30, TimeUnit.SECONDS);
    }
}
