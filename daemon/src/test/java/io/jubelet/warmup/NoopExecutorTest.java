/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.warmup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.criconfig.ClusterDns;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.events.EventRecorder;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.PodObserver;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.reconcile.ActionExecutor;
import io.jubelet.reconcile.PodView;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NoopExecutorTest {

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

    private final List<String> actions = new ArrayList<>();
    private final List<PodView> views = new ArrayList<>();
    private final NoopExecutor executor = new NoopExecutor(
            new NodeProfile(
                    "node1", List.of("192.0.2.1"), ClusterDns.NONE, NodeProfile.Cgroups.BASIC, 8L << 30, List.of()),
            Optional::empty,
            NodeClock.neverSet(CLOCK));
    private final WarmUpRun run = new WarmUpRun(
            new PodObserver(
                    SimulatedRuntime.create(SimulatedClock.manual(Instant.EPOCH))
                            .runtimeService(),
                    NodeNames.of(""),
                    NodeClock.neverSet(CLOCK)),
            new Recorded(),
            views::add,
            new EventRecorder(CLOCK, () -> {}),
            NodeClock.neverSet(CLOCK));

    private final class Recorded implements ActionExecutor {
        @Override
        public ObservedPod execute(PodAction action, ObservedPod before) {
            actions.add(action.summary());
            return executor.execute(action, before);
        }

        @Override
        public ImageStates images(PodName name, List<Pod> versions) {
            return executor.images(name, versions);
        }

        @Override
        public Optional<String> networkProblem() {
            return executor.networkProblem();
        }

        @Override
        public Optional<Pod> loadPod(String uid) {
            return executor.loadPod(uid);
        }
    }

    @Test
    void aPodIsStartedAndRemoved() {
        Pod pod = ManifestFile.parse("""
            apiVersion: v1
            kind: Pod
            metadata: {name: nobodys}
            spec:
              containers:
              - {name: one, image: "example.invalid/one:1", env: [{name: A, value: b}]}
              - {name: two, image: "example.invalid/two:1"}
            """.getBytes(StandardCharsets.UTF_8), "/nobodys.yaml", "node1")
                .pods()
                .getFirst();
        run.run(pod);
        assertEquals(
                List.of(
                        "CreateSandbox(attempt 0)",
                        "StartContainer(one, attempt 0)",
                        "StartContainer(two, attempt 0)",
                        "RemoveDirectories"),
                actions);
        assertTrue(views.stream().anyMatch(view -> running(view.observed()) == 2), views::toString);
        assertTrue(views.getLast().lifecycle() instanceof PodLifecycle.Terminated, views::toString);

        actions.clear();
        run.run(pod);
        assertEquals(4, actions.size(), "nothing is left of the first time");
    }

    private static long running(ObservedPod pod) {
        return pod.containers().stream()
                .filter(container -> container.state() instanceof ObservedContainer.State.Running)
                .count();
    }
}
