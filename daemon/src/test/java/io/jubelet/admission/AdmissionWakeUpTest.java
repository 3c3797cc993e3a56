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
    void aReservationAndARejectionThatChangeNoAnswerWakeNoPod() {
        bWaitsForA();
        want(plain("c"), onPort("d", 80));
        assertEquals("", turn("c"));
        assertEquals("NodePorts", turn("d"));
        want(onPort("d", "d2", "", 80, Protocol.TCP));
        assertEquals("NodePorts", turn("d"));
        gone("d");
        assertEquals(List.of(), woken, "a has the port all the time");
    }

    @Test
    void onlyThePodsThatWaitForWhatBecameFreeAreWoken() {
        bWaitsForA();
        want(onPort("c", 80), onPort("d", 81), onPort("d2", 81));
        assertEquals("NodePorts", turn("c"));
        assertEquals("", turn("d"));
        assertEquals("NodePorts", turn("d2"));
        gone("a");
        assertEquals(List.of(name("b"), name("c")), woken, "b gets the port, and now it is b that c waits for");
        assertEquals("NodePorts", turn("c"));
        assertTrue(admission.rejection(name("c")).orElseThrow().message().endsWith(" by pod default/b"));
        woken.clear();
        assertEquals("", turn("b"));
        assertEquals(List.of(), woken, "this was foreseen");
    }

    @Test
    void aPodThatNoLongerWantsWhatIsScarceWakesTheNextOne() {
        listed();
        want(onPort("b", 80), onPort("c", 80));
        assertEquals("NodePorts", turn("c"), "b comes first, and its worker has not asked yet");
        want(plain("b"));
        assertEquals("", turn("b"));
        assertEquals(List.of(name("c")), woken);
        assertEquals("", turn("c"));
    }

    @Test
    void aManifestThatGoesAwayBeforeItsPodWasDecidedWakesTheNextOne() {
        listed();
        want(onPort("b", 80), onPort("c", 80));
        assertEquals("NodePorts", turn("c"));
        gone("b");
        assertEquals(List.of(name("c")), woken);
    }

    @Test
    void aPodThatTheNodeDoesNotSupportMakesRoomOnce() {
        listed();
        want(onPort("a", 80), onPort("b", 80));
        assertEquals("NodePorts", turn("b"));
        Pod first = wanted.get(name("a"));
        Optional<AdmissionRejection> unsupported = Optional.of(new AdmissionRejection("SysctlForbidden", "no"));
        for (int i = 0; i < 2; i++) {
            admission.update(observed(first.name()), Optional.of(first), Optional.empty(), _ -> unsupported);
        }
        assertEquals(List.of(name("b"), name("b")), woken, "its worker has not asked again in between");
        assertEquals("", turn("b"));
        woken.clear();
        admission.update(observed(first.name()), Optional.of(first), Optional.empty(), _ -> Optional.empty());
        assertEquals(
                "NodePorts", admission.rejection(first.name()).orElseThrow().reason());
        assertEquals(List.of(), woken);
    }

    @Test
    void onlyTheFirstPodsAreWokenForAnotherText() {
        admission = admission(40);
        listed();
        start(requesting("p", "cpu", "1500m"));
        for (int i = 10; i < 30; i++) {
            want(requesting("r" + i, "cpu", "600m"));
            assertEquals("OutOfcpu", turn("r" + i));
        }
        woken.clear();
        want(requesting("s", "cpu", "100m"));
        assertEquals("", turn("s"));
        assertEquals(Admission.MAX_WOKEN_FOR_TEXT, woken.size(), woken::toString);
        assertEquals(name("r10"), woken.getFirst());
        assertEquals(name("r19"), woken.getLast());
        assertEquals("OutOfcpu", turn("r10"));
        assertTrue(admission.rejection(name("r10")).orElseThrow().message().contains("used: 1600,"));
        woken.clear();
        gone("p");
        assertEquals(List.of(name("r10"), name("r11"), name("r12")), woken.subList(0, 3), "these three fit now");
        assertEquals(3 + Admission.MAX_WOKEN_FOR_TEXT, woken.size(), woken::toString);
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
        assertEquals("", turn("b"));
        admission.planned(job.name(), Optional.of(job), false);
        admission.planned(job.name(), Optional.of(job), false);
        assertEquals(List.of(), woken, "it is no longer over, but it is too late");
        want(onPort("c", 80));
        assertEquals("NodePorts", turn("c"));
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
