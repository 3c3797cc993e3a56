/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.desired.DesiredPods;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.ContainerPort.Protocol;
import io.jubelet.pod.NodeSelection;
import io.jubelet.pod.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Which pods are admitted, and which wait for which others. */
class AdmissionTest extends AdmittedPods {

    // --- ports

    @Test
    void aHostPortIsFreeAgainWhenItsPodIsGone() {
        listed();
        start(onPort("b", 80));
        want(onPort("a", 80));
        assertEquals("NodePorts", turn("a"));
        woken.clear();
        wanted.remove(name("b"));
        assertEquals("", turn("b", Optional.of(onPort("b", 80))));
        assertEquals("NodePorts", turn("a"), "b is still being stopped");
        gone("b");
        assertTrue(woken.contains(name("a")));
        assertEquals("", turn("a"));
    }

    @Test
    void portsOfDifferentProtocolsOrAddressesDoNotConflict() {
        listed();
        start(onPort("udp", "u", "", 80, Protocol.UDP));
        start(onPort("one", "o", "192.0.2.1", 80, Protocol.TCP));
        start(onPort("two", "t", "192.0.2.2", 80, Protocol.TCP));
        want(onPort("all", 80), onPort("same", "s", "192.0.2.1", 80, Protocol.TCP));
        assertEquals("NodePorts", turn("all"));
        assertEquals("NodePorts", turn("same"));
    }

    @Test
    void theRejectionNamesThePortAndThePodThatHasIt() {
        listed();
        start(onPort("b", 80));
        want(onPort("a", 80));
        assertEquals(
                Optional.of(new AdmissionRejection(
                        "NodePorts",
                        "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports;"
                                + " 80/TCP is taken by pod default/b")),
                decide(observed(name("a")), Optional.of(wanted.get(name("a")))));
    }

    @Test
    void aPodThatTheNodeDoesNotSupportBlocksNoOtherPod() {
        listed();
        Pod first = onPort("a", 80);
        want(first, onPort("b", 80));
        assertEquals("NodePorts", turn("b"), "a comes first by name, and its rejection is not known yet");
        woken.clear();
        Optional<AdmissionRejection> unsupported =
                Optional.of(new AdmissionRejection("SysctlForbidden", "for example"));
        admission.update(observed(first.name()), Optional.of(first), Optional.empty(), _ -> unsupported);
        assertEquals(unsupported, admission.rejection(first.name()));
        assertTrue(woken.contains(name("b")));
        assertEquals("", turn("b"));
        runs(wanted.get(name("b")));
        assertEquals("NodePorts", turn("a"), "a is supported by now, but b has the port");
    }

    @Test
    void askingForARejectionChangesNothing() {
        listed();
        want(onPort("a", 80), onPort("b", 80));
        assertEquals(Optional.empty(), admission.rejection(name("a")), "a has no update yet");
        assertEquals("NodePorts", turn("b"));
        woken.clear();
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    "NodePorts", admission.rejection(name("b")).orElseThrow().reason());
        }
        assertEquals(List.of(), woken);
        assertEquals("", turn("a"), "nothing was reserved for b");
    }

    @Test
    void aRejectionEndsWithThePod() {
        listed();
        start(onPort("a", 80));
        want(onPort("b", 80));
        assertEquals("NodePorts", turn("b"));
        gone("b");
        assertEquals(Optional.empty(), admission.rejection(name("b")));
    }

    // --- order

    @Test
    void ofTwoNewPodsTheFirstByNameRunsInWhateverOrderTheyAreUpdated() {
        listed();
        want(onPort("a", 80), onPort("b", 80));
        assertEquals("NodePorts", turn("b"));
        assertEquals("", turn("a"));
        assertEquals("NodePorts", turn("b"));
    }

    @Test
    void aPodThatFitsNowhereHereBlocksNoOtherPod() {
        listed();
        want(
                TestPods.with(
                        onPort("a", 80),
                        onPort("a", 80).spec().toBuilder()
                                .nodes(new NodeSelection(Map.of("disk", "tape"), List.of()))
                                .build()),
                onPort("b", 80));
        assertEquals("", turn("b"));
        assertEquals("NodeAffinity", turn("a"));
    }

    @Test
    void afterARestartPodsThatRunAreCountedFirst() {
        want(onPort("a", 80), onPort("b", 80), plain("c"));
        runs(onPort("b", 80));
        assertEquals(AdmissionRejection.UNDECIDED.reason(), turn("a"), "the runtime is not listed yet");
        listed();
        assertEquals(List.of(), woken, "the answer is the same");
        assertEquals(AdmissionRejection.UNDECIDED.reason(), turn("a"), "the worker of b has made no plan yet");
        assertEquals("", turn("c"), "c reserves nothing that b could have");
        assertEquals("", turn("b"));
        assertTrue(woken.contains(name("a")));
        assertEquals("NodePorts", turn("a"));
    }

    @Test
    void aPodThatRunsIsNeverRejected() {
        want(onPort("a", 80), onPort("b", 80), requesting("c", "cpu", "100"));
        wanted.values().forEach(this::runs);
        listed();
        assertEquals("", turn("a"));
        assertEquals("", turn("b"));
        assertEquals("", turn("c"));
    }

    // --- numbers

    @Test
    void aDeadVersionThatIsWantedAgainHasNoPlaceThatAnotherPodTook() {
        listed();
        start(onPort("a", "a1", "", 80, Protocol.TCP));
        runtime.put(name("a"), new ObservedPod(name("a"), List.of(TestPods.sandbox("sa1", "a1", 0, false)), List.of()));
        want(onPort("a", "a2", "", 81, Protocol.TCP));
        turn("a");
        start(onPort("b", 80));
        want(onPort("a", "a1", "", 80, Protocol.TCP));
        assertEquals("NodePorts", turn("a"));
        gone("b");
        assertEquals("", turn("a"));
    }

    @Test
    void aVersionThatDiedKeepsItsPlaceAsLongAsItIsWanted() {
        listed();
        Pod a = onPort("a", 80);
        start(a);
        runtime.put(
                name("a"), new ObservedPod(name("a"), List.of(TestPods.sandbox("sa", a.uid(), 0, false)), List.of()));
        want(onPort("b", 80));
        assertEquals("NodePorts", turn("b"));
        assertEquals("", turn("a"));
    }

    private void isDead(Pod pod) {
        runtime.put(
                pod.name(),
                new ObservedPod(
                        pod.name(), List.of(TestPods.sandbox("s" + pod.uid(), pod.uid(), 0, false)), List.of()));
    }

    @Test
    void aVersionThatAnEarlierDaemonLeftDeadComesBeforeNewPods() {
        Pod b = onPort("b", 80);
        want(b, onPort("a", 80));
        isDead(b);
        listed();
        assertEquals(AdmissionRejection.UNDECIDED.reason(), turn("a"));
        assertEquals("", turn("b"));
        assertTrue(woken.contains(name("a")));
        assertEquals("NodePorts", turn("a"));
    }

    @Test
    void aVersionThatAnEarlierDaemonLeftDeadComesAfterTheOnesThatLive() {
        Pod a = onPort("a", 80);
        Pod c = onPort("c", 80);
        want(a, onPort("b", 80), c);
        isDead(a);
        runs(c);
        assertEquals(AdmissionRejection.UNDECIDED.reason(), turn("a"), "the runtime is not listed yet");
        listed();
        assertEquals(AdmissionRejection.UNDECIDED.reason(), turn("a"), "c might live");
        assertEquals(AdmissionRejection.UNDECIDED.reason(), turn("b"));
        woken.clear();
        assertEquals("", turn("c"));
        assertTrue(woken.contains(name("a")));
        assertEquals("NodePorts", turn("a"));
        assertEquals("NodePorts", turn("b"));
        gone("c");
        assertEquals("", turn("a"), "it is the first by name now");
        assertEquals("NodePorts", turn("b"));
    }

    @Test
    void afterARebootAllPodsThatRanStartAgain() {
        List<Pod> pods = List.of(onPort("b", 81), requesting("c", "cpu", "2"), plain("d"));
        pods.forEach(this::want);
        pods.forEach(this::isDead);
        want(requesting("a", "cpu", "1"));
        listed();
        turn("a");
        pods.forEach(pod -> turn(pod.name().name()));
        pods.forEach(pod -> assertEquals("", turn(pod.name().name()), pod.name().name()));
        assertEquals("OutOfcpu", turn("a"));
    }

    @Test
    void theNumberOfPodsIsLimited() {
        admission = admission(2);
        listed();
        start(plain("a"));
        start(plain("b"));
        want(plain("c"));
        assertEquals("OutOfpods", turn("c"));
        gone("a");
        assertEquals("", turn("c"));
    }

    @Test
    void requestsAreLimitedByTheAllocatableResources() {
        listed();
        start(requesting("a", "cpu", "1500m"));
        want(requesting("b", "cpu", "600m"), requesting("c", "memory", "2Gi"), requesting("d", "cpu", "500m"));
        assertEquals(
                Optional.of(new AdmissionRejection(
                        "OutOfcpu",
                        "Node didn't have enough resource: cpu, requested: 600, used: 1500, capacity: 2000")),
                decide(observed(name("b")), Optional.of(wanted.get(name("b")))));
        assertEquals("OutOfmemory", turn("c"));
        assertEquals("", turn("d"), "a rejected pod reserves nothing");
    }

    @Test
    void aPodThatHasEndedReservesNothing() {
        listed();
        Pod job = onPort("a", 80);
        start(job);
        runtime.put(
                job.name(),
                new ObservedPod(job.name(), List.of(TestPods.sandbox("s", job.uid(), 0, false)), List.of()));
        want(onPort("b", 80));
        assertEquals("NodePorts", turn("b"));
        admission.planned(job.name(), Optional.of(job), true);
        assertTrue(woken.contains(name("b")));
        assertEquals("", turn("b"));
        assertEquals(Optional.empty(), decide(observed(job.name()), Optional.of(job)));
    }

    // --- nodes

    @Test
    void nodeSelectorsAndAffinityMustMatch() {
        listed();
        NodeSelection.Requirement cores =
                new NodeSelection.Requirement("cores", NodeSelection.Operator.Gt, List.of("4"));
        NodeSelection.Requirement here =
                new NodeSelection.Requirement("metadata.name", NodeSelection.Operator.In, List.of("node1"));
        want(
                pod("a", "a", spec -> spec.nodes(new NodeSelection(Map.of("disk", "ssd"), List.of()))),
                pod("b", "b", spec -> spec.nodes(new NodeSelection(Map.of("disk", "tape"), List.of()))),
                pod(
                        "c",
                        "c",
                        spec -> spec.nodes(new NodeSelection(
                                Map.of(),
                                List.of(
                                        new NodeSelection.Term(List.of(), List.of()),
                                        new NodeSelection.Term(List.of(cores), List.of(here)))))),
                pod(
                        "d",
                        "d",
                        spec -> spec.nodes(
                                new NodeSelection(Map.of(), List.of(new NodeSelection.Term(List.of(), List.of()))))));
        assertEquals(
                List.of("", "NodeAffinity", "", "NodeAffinity"), List.of(turn("a"), turn("b"), turn("c"), turn("d")));
    }

    @Test
    void aPodWithoutConflictsIsAdmittedWithoutALookAtTheOthers() {
        AtomicInteger reads = new AtomicInteger();
        for (int i = 0; i < 200; i++) {
            Pod pod = requesting("pod" + i, "cpu", "5m");
            wanted.put(pod.name(), pod);
        }
        DesiredPods all = new DesiredPods(wanted, List.of());
        admission = new Admission(
                new NodeAllocatable("node1", Map.of(), 200, () -> {
                    reads.incrementAndGet();
                    return Map.of("cpu", 1000L);
                }),
                () -> all,
                woken::add,
                () -> 0);
        admission.listed(List.of());
        for (Pod pod : wanted.values()) {
            assertEquals(Optional.empty(), decide(ObservedPod.none(pod.name()), Optional.of(pod)));
        }
        assertEquals(1, reads.get(), "reads of the allocatable resources");
    }

    @Test
    void aReservationThatIsNoLongerWantedConflicts() {
        Pod first = onPort("a", 80);
        Pod second = onPort("b", 80);
        AtomicReference<DesiredPods> now =
                new AtomicReference<>(new DesiredPods(Map.of(first.name(), first), List.of()));
        admission = new Admission(new NodeAllocatable("node1", Map.of(), 10, Map::of), now::get, woken::add);
        admission.listed(List.of());
        assertEquals(Optional.empty(), decide(ObservedPod.none(first.name()), Optional.of(first)));
        now.set(new DesiredPods(Map.of(second.name(), second), List.of()));
        assertTrue(decide(ObservedPod.none(second.name()), Optional.of(second)).isPresent());
        decide(ObservedPod.none(first.name()), Optional.empty());
        assertEquals(List.of(second.name()), woken);
        assertEquals(Optional.empty(), decide(ObservedPod.none(second.name()), Optional.of(second)));
    }
}
