/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.simulated.ManualClock;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.observed.Labels;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What outlives every daemon of a {@link Schedule}: the runtime, time, the manifests, and what was seen so far. */
final class ScheduleWorld {

    /** The exit code after which some pods begin again. */
    static final int RESTARTS_ALL = 42;

    private static final List<String> HOST_NAMES = List.of("node1", "node2", "node3");

    final Random random;
    final Path directory;
    final ManualClock time = SimulatedClock.manual(TestPods.NOW);
    final SimulatedRuntime runtime = SimulatedRuntime.create(time);
    final ScheduleClock clocks = new ScheduleClock(this);
    /** The clocks of every daemon; it waits by {@link #time}, which is never set. */
    final NodeClock clock = new NodeClock(clocks::wallTime, time);

    final DeterministicScheduler scheduler = new DeterministicScheduler(time);
    final ContainerOrderChecker order = new ContainerOrderChecker(runtime, time);
    final ScheduleFiles files;
    final Map<PodName, Pod> wanted = new TreeMap<>();
    final Map<String, Pod> everWanted = new HashMap<>();
    /** Versions that may be stopped although they are wanted: they were not, for a while. */
    final Set<String> mayEnd = new HashSet<>();
    /** Versions that may be stopped before another one is prepared: their end has begun, or their manifest was removed. */
    final Set<String> ending = new HashSet<>();

    /** Versions of which a sandbox was removed by hand, so that only the daemon knows when they began. */
    final Set<String> removedByHand = new HashSet<>();

    private final List<String> history = new ArrayList<>();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    /** Whether there is less of the node than pods want of it. */
    final boolean scarce;
    /** Whether clocks are set and times are unknown. */
    final boolean clockFaults;

    final ScheduleCapacity shares = new ScheduleCapacity(this);
    /** The name that the next daemon finds. */
    String hostName = HOST_NAMES.getFirst();

    private boolean renamed;
    private NodeNames nodes = NodeNames.of(hostName);

    /** Nothing goes wrong any more. */
    boolean settling;

    ScheduleWorld(long seed, Path directory) {
        this.random = new Random(seed);
        this.directory = directory;
        this.files = new ScheduleFiles(this, seed);
        this.scarce = seed % 3 == 0;
        this.clockFaults = seed % 5 != 0;
        for (String image : List.of("app", "log", "i1", "i2", "s1", "s2")) {
            runtime.images().publish("image/" + image + ":latest");
        }
    }

    /** Whether pods may have been made under another name. */
    boolean renamed() {
        return renamed;
    }

    void renameHost() {
        renamed = true;
        hostName = HOST_NAMES.get(random.nextInt(HOST_NAMES.size()));
        note("the host is now " + hostName);
    }

    /** A daemon begins that knows these names of the node. */
    void named(NodeNames names) {
        nodes = names;
        wanted.replaceAll((_, pod) -> {
            Pod now = onNode(pod);
            // Directories are the evidence that a version was made here.
            boolean present = !files.wasAway()
                    && Files.exists(directory.resolve("root/pods").resolve(pod.uid()))
                    && runtime.sandboxes().stream()
                            .anyMatch(s -> s.metadata().uid().equals(pod.uid()));
            if (present && !now.uid().equals(pod.uid())) {
                violated("I8: " + pod.uid() + " is " + now.uid() + " since the host has another name");
            }
            return now;
        });
    }

    /** The pod with its UID on this node, as a parser finds it. */
    Pod onNode(Pod pod) {
        String node = nodes.ofVersion(name -> uid(name, pod.hash()));
        String uid = uid(node, pod.hash());
        Pod now = new Pod(
                pod.name(),
                nodes.current(),
                uid,
                pod.hash(),
                pod.labels(),
                pod.annotations(),
                pod.spec(),
                new Pod.Manifest(uid, pod.source()),
                node);
        everWanted.put(uid, now);
        return now;
    }

    private static String uid(String node, String hash) {
        return UUID.nameUUIDFromBytes((node + hash).getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "");
    }

    void note(String what) {
        history.add(history.size() + " " + what);
    }

    List<String> history() {
        return history;
    }

    /** Any actor; the driver throws it after its step. */
    void violated(String what) {
        violations.add(what);
    }

    void checkViolations() {
        String first = violations.peek();
        if (first != null) {
            throw new AssertionError(first);
        }
    }

    Optional<Container> container(ContainerId id) {
        return runtime.containers().stream().filter(c -> c.id().equals(id)).findFirst();
    }

    List<Container> running() {
        return runtime.containers().stream()
                .filter(c -> c.state() == ContainerState.RUNNING)
                .toList();
    }

    /** Whether no container runs in a sandbox. */
    boolean livesNothingOf(PodSandbox sandbox) {
        return running().stream().noneMatch(c -> c.podSandboxId().equals(sandbox.id()));
    }

    /** Whether the end of a version is recorded in its directory. */
    boolean ended(String uid) {
        return Files.exists(directory.resolve("root/pods").resolve(uid).resolve("end"));
    }

    Pod version(Container container) {
        return everWanted.get(uid(container));
    }

    ContainerSpec spec(Container container) {
        return version(container).spec().container(container.metadata().name()).orElseThrow();
    }

    static String uid(Container container) {
        return container.labels().get(Labels.POD_UID);
    }
}
