/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Handler;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Probe;
import io.jubelet.pod.Probes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the interface of the probes to the rest of the daemon; real threads make the attempts. */
class PodProbesTest {

    private static final PodName WEB = new PodName("default", "web");
    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
    private static final ContainerId ID = new ContainerId("c1");

    private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    private final Map<String, ContainerHealth> memory = new HashMap<>();
    private final BlockingQueue<PodName> woken = new LinkedBlockingQueue<>();
    private final PodProbes probes = new PodProbes(
            SimulatedRuntime.create(SimulatedClock.manual(START)).runtimeService(),
            (host, port, service, timeout) -> {
                asked.add(host + ":" + port);
                return "";
            },
            () -> List.of("203.0.113.7"),
            woken::add,
            new EventRecorder(() -> START, () -> {}),
            (uid, container) -> Optional.ofNullable(memory.get(uid + "/" + container)),
            NodeClock.neverSet(() -> START));

    @AfterEach
    void close() {
        probes.close();
    }

    private static Pod pod(Probes probes, boolean hostNetwork) {
        ContainerSpec app = ContainerSpec.builder("app", "image").probes(probes).build();
        return new Pod(
                WEB,
                "node1",
                "a",
                "v1:a",
                Map.of(),
                Map.of(),
                PodSpec.builder(List.of(app)).hostNetwork(hostNetwork).build(),
                new Pod.Manifest("a", "/manifests/web.yaml"));
    }

    private static Pod probed() {
        return pod(new Probes(Optional.empty(), Optional.empty(), Optional.of(readiness())), false);
    }

    private static Probe readiness() {
        return new Probe(
                new Handler.Grpc(80, ""),
                Duration.ZERO,
                Duration.ofSeconds(1),
                Duration.ofHours(1),
                1,
                3,
                Optional.empty());
    }

    private static ObservedPod observed(ObservedContainer.State state) {
        return ObservedPod.none(WEB)
                .with(new ObservedSandbox(
                        new PodSandboxId("s"), "a", "v1:a", 0, true, START, Duration.ZERO, List.of("192.0.2.1")))
                .with(new ObservedContainer(
                        ID,
                        new PodSandboxId("s"),
                        "a",
                        "app",
                        state,
                        "sha256:1",
                        START,
                        new ObservedContainer.Restarts(0, Duration.ZERO)));
    }

    private static ObservedPod runningFor(Duration time) {
        return observed(new ObservedContainer.State.Running(START.minus(time)));
    }

    @Test
    void probesRunningContainerAtPodAddressAndWakesWorker() throws Exception {
        ObservedPod running = runningFor(Duration.ZERO);
        assertEquals(Map.of(), probes.health(running));
        probes.watch(Optional.of(probed()), running, false);
        assertEquals("192.0.2.1:80", asked.poll(60, TimeUnit.SECONDS));
        assertEquals(WEB, woken.poll(60, TimeUnit.SECONDS));
        assertEquals(Map.of(ID, new ContainerHealth(true, true, Optional.empty())), probes.health(running));
    }

    @Test
    void probesNodeAddressOnHostNetwork() throws Exception {
        probes.watch(
                Optional.of(pod(probed().spec().containers().getFirst().probes(), true)),
                runningFor(Duration.ZERO),
                false);
        assertEquals("203.0.113.7:80", asked.poll(60, TimeUnit.SECONDS));
    }

    @Test
    void ignoresContainerWithoutProbes() {
        ObservedPod running = runningFor(Duration.ZERO);
        probes.watch(Optional.of(pod(Probes.NONE, false)), running, false);
        assertEquals(Map.of(), probes.health(running));
    }

    @Test
    void containerFromWellBeforeDaemonIsReadyBeforeFirstView() {
        assertTrue(probes.health(runningFor(Duration.ofSeconds(11))).get(ID).ready());
        assertFalse(probes.health(runningFor(Duration.ofSeconds(9))).containsKey(ID));
        probes.watch(Optional.of(probed()), runningFor(Duration.ofSeconds(11)), false);
        assertTrue(probes.health(runningFor(Duration.ofSeconds(11))).get(ID).ready());
    }

    @Test
    void containerFromJustBeforeDaemonIsReadyIfStored() {
        memory.put("a/app", ContainerHealth.WITHOUT_PROBES);
        assertTrue(probes.health(runningFor(Duration.ofSeconds(9))).get(ID).ready());
        assertFalse(probes.health(runningFor(Duration.ZERO)).containsKey(ID), "it started after the daemon");
    }

    @Test
    void storedUnreadyContainerStaysUnreadyUntilProbed() throws Exception {
        ContainerHealth unready = new ContainerHealth(true, false, Optional.empty());
        memory.put("a/app", unready);
        ObservedPod running = runningFor(Duration.ofMinutes(5));
        assertEquals(Map.of(ID, unready), probes.health(running), "before the first view");
        probes.watch(
                Optional.of(pod(new Probes(Optional.empty(), Optional.empty(), Optional.of(silent())), false)),
                running,
                false);
        assertEquals(Map.of(ID, unready), probes.health(running), "before it is asked");
    }

    @Test
    void storedUnstartedContainerGetsStartupProbeOnly() throws Exception {
        memory.put("a/app", new ContainerHealth(false, false, Optional.empty()));
        ObservedPod running = runningFor(Duration.ofMinutes(5));
        Probes all = new Probes(Optional.of(silent()), Optional.empty(), Optional.of(readiness()));
        probes.watch(Optional.of(pod(all, false)), running, false);
        assertEquals(Map.of(ID, new ContainerHealth(false, false, Optional.empty())), probes.health(running));
    }

    /** Is never asked within a test. */
    private static Probe silent() {
        return new Probe(
                new Handler.Grpc(80, ""),
                Duration.ofHours(1),
                Duration.ofSeconds(1),
                Duration.ofHours(1),
                1,
                3,
                Optional.empty());
    }

    @Test
    void dropsHealthOfRemovedContainer() throws Exception {
        probes.watch(Optional.of(probed()), runningFor(Duration.ZERO), false);
        assertEquals(WEB, woken.poll(60, TimeUnit.SECONDS));
        ObservedPod ended = observed(new ObservedContainer.State.Exited(START, START, 0, "", ""));
        probes.watch(Optional.of(probed()), ended, false);
        assertTrue(probes.health(ended).containsKey(ID), "its end may have been for its health");
        probes.watch(Optional.empty(), ObservedPod.none(WEB), false);
        assertEquals(Map.of(), probes.health(ended));
    }

    @Test
    void doesNotProbeTerminatingVersion() {
        probes.watch(Optional.of(probed()), runningFor(Duration.ZERO), true);
        assertEquals(Map.of(), probes.health(runningFor(Duration.ZERO)));
    }
}
