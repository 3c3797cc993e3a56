/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import static io.jubelet.plan.TestPods.GRACE;
import static io.jubelet.plan.TestPods.NOW;
import static io.jubelet.plan.TestPods.WEB;
import static io.jubelet.plan.TestPods.instance;
import static io.jubelet.plan.TestPods.sandbox;
import static io.jubelet.plan.TestPods.sidecar;
import static io.jubelet.plan.TestPods.spec;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerRestart.Action;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;

/** Plans for a pod of several containers, with inputs set by a test. */
abstract class ContainerOrderFixture {

    final PodPlanner planner = new PodPlanner(new RestartBackoff(RestartBackoff.DEFAULT_MAX));
    final Map<String, ImageState> images = new HashMap<>();
    final Map<ContainerId, ContainerHealth> health = new HashMap<>();
    PodLifecycle lifecycle = new PodLifecycle.Syncing();
    final Map<String, PodEnd> ends = new HashMap<>();
    PodTimes times = PodTimes.NONE;
    Instant now = NOW;

    @BeforeEach
    void allImagesAreThere() {
        for (String name : List.of("i1", "i2", "s1", "s2", "app", "log")) {
            images.put("image/" + name, new ImageState.Present("sha256:" + name, NOW, false));
        }
    }

    PodPlan plan(Pod wanted, Object... things) {
        return plan(Optional.of(wanted), things);
    }

    PodPlan plan(Optional<Pod> wanted, Object... things) {
        ObservedPod observed = ObservedPod.none(WEB);
        for (Object thing : things) {
            observed = thing instanceof ObservedContainer container
                    ? observed.with(container)
                    : observed.with((ObservedSandbox) thing);
        }
        return planner.plan(new PlannerInput(
                new PodVersions(wanted, Optional.empty()),
                new PlannerInput.History(lifecycle, NOW.minusSeconds(500), Map.of(), PlannerInput.Prepared.NONE, times),
                observed,
                TestPods.images(wanted, Optional.empty(), images),
                health,
                new PlannerInput.Limits(Map.of(), ContainerGcPolicy.Retention.DEFAULT, Optional.empty(), ends),
                now));
    }

    static String actions(PodPlan plan) {
        return String.join(" ", plan.actions().stream().map(PodAction::summary).toList());
    }

    /** Init containers are named i..., sidecars s..., others are main containers. */
    static Pod pod(RestartPolicy policy, String... names) {
        List<ContainerSpec> inits = new ArrayList<>();
        List<ContainerSpec> mains = new ArrayList<>();
        for (String name : names) {
            switch (name.charAt(0)) {
                case 'i' -> inits.add(spec(name).build());
                case 's' -> inits.add(sidecar(name));
                default -> mains.add(spec(name).build());
            }
        }
        return pod(PodSpec.builder(mains).initContainers(inits).restartPolicy(policy));
    }

    static Pod pod(PodSpec.Builder spec) {
        return TestPods.with(
                TestPods.pod("a", RestartPolicy.Always, "app"),
                spec.terminationGracePeriod(GRACE).build());
    }

    static ObservedSandbox readySandbox() {
        return sandbox("h", "a", 0, true);
    }

    static ObservedSandbox dead() {
        return sandbox("h", "a", 0, false);
    }

    static ObservedContainer at(String name, State state) {
        return instance("h", "a", name, 0, state);
    }

    static ObservedContainer inRound(int round, String name, int attempt, State state) {
        return TestPods.inRound(round, instance("h", "a", name, attempt, state));
    }

    static Pod ruled(RestartPolicy ofPod, RestartPolicy own, ContainerRestart.Rule... rules) {
        return pod(PodSpec.builder(List.of(
                        spec("app")
                                .restart(new ContainerRestart(Optional.ofNullable(own), List.of(rules)))
                                .build(),
                        spec("log").build()))
                .initContainers(List.of(spec("i1").build()))
                .restartPolicy(ofPod));
    }

    static ContainerRestart.Rule rule(Action action, boolean in, Integer... codes) {
        return new ContainerRestart.Rule(action, in, Set.of(codes));
    }

    static Pod limited(RestartPolicy policy) {
        return pod(PodSpec.builder(List.of(spec("app").build()))
                .initContainers(List.of(sidecar("s1")))
                .restartPolicy(policy)
                .activeDeadline(Optional.of(Duration.ofSeconds(60))));
    }

    /** Made so long ago. */
    static ObservedSandbox aged(String id, int attempt, int seconds, boolean ready) {
        ObservedSandbox s = sandbox(id, "a", attempt, ready);
        return new ObservedSandbox(
                s.id(), s.uid(), s.hash(), attempt, ready, NOW.minusSeconds(seconds), s.gracePeriod(), s.ips());
    }
}
