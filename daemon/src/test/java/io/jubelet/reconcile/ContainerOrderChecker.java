/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.observed.Labels;
import io.jubelet.plan.ContainerOrderRules;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Checks that containers on a simulated runtime start and stop in order. It records what has happened, because the runtime
 * forgets removed instances.
 */
final class ContainerOrderChecker {

    private final SimulatedRuntime runtime;
    private final Set<String> ran = new HashSet<>();
    private final Set<String> done = new HashSet<>();
    private final Set<String> started = new HashSet<>();
    private final Set<String> restartedAll = new HashSet<>();
    /** When the grace period of the last stop of each pod is over. */
    private final Map<PodName, Instant> graceEnds = new HashMap<>();

    private final InstantSource time;

    ContainerOrderChecker(SimulatedRuntime runtime, InstantSource time) {
        this.runtime = runtime;
        this.time = time;
    }

    /** A worker begins to stop containers of a pod. */
    void stops(PodName pod, Instant graceEnd) {
        graceEnds.put(pod, graceEnd);
    }

    private boolean graceIsOver(PodName pod) {
        return !time.instant().isBefore(graceEnds.getOrDefault(pod, Instant.MAX));
    }

    /** A container was seen running. */
    void running(Container container) {
        ran.add(key(container, container.metadata().name()));
    }

    /** A worker was told that the startup probe of a container succeeded. */
    void started(Container container) {
        started.add(key(container, container.metadata().name()));
    }

    /** Whether a rule had all containers of its pod restarted, or will. */
    boolean restartedAll(Container container) {
        return restartedAll.contains(uid(container));
    }

    /** A container ends by itself. */
    void exited(Container container, int exitCode) {
        running(container);
        if (exitCode == 0) {
            done.add(key(container, container.metadata().name()));
        } else if (exitCode == ScheduleWorld.RESTARTS_ALL) {
            restartedAll.add(uid(container));
        }
    }

    /** A daemon begins, which takes exit code 0 for success, although an earlier one may have stopped the container. */
    void daemonBegins() {
        for (Container container : runtime.containers()) {
            if (runtime.exitCode(container.id()).equals(OptionalInt.of(0))) {
                done.add(key(container, container.metadata().name()));
            }
        }
    }

    /** One life of a container: in one sandbox, between two restarts of all. */
    private static String key(Container container, String name) {
        return container.podSandboxId() + "/" + container.annotations().getOrDefault(Labels.ROUND, "0") + "/" + name;
    }

    private static String uid(Container container) {
        return container.labels().get(Labels.POD_UID);
    }

    /** How starting a container breaks the order. */
    Optional<String> brokenByStart(Container container, Pod pod) {
        PodSpec spec = pod.spec();
        for (ContainerSpec earlier : spec.initContainers()) {
            if (earlier.name().equals(container.metadata().name())) {
                break;
            }
            Set<String> passed =
                    !spec.isSidecar(earlier) ? done : earlier.probes().startup().isPresent() ? started : ran;
            if (!passed.contains(key(container, earlier.name()))) {
                return Optional.of(container.metadata().name() + " is started before " + earlier.name());
            }
        }
        return Optional.empty();
    }

    /** How stopping a container breaks the order: a sidecar in the grace period while one that comes later still runs. */
    Optional<String> brokenByStop(Container container, Pod pod) {
        PodSpec spec = pod.spec();
        boolean sidecar = container.state() == ContainerState.RUNNING
                && spec.container(container.metadata().name())
                        .filter(spec::isSidecar)
                        .isPresent();
        boolean sandboxReady = runtime.sandboxes().stream()
                .anyMatch(s -> s.id().equals(container.podSandboxId()) && s.state() == PodSandboxState.READY);
        if (!sidecar || !sandboxReady || restartedAll.contains(uid(container)) || graceIsOver(pod.name())) {
            return Optional.empty();
        }
        List<String> later =
                ContainerOrderRules.later(spec, container.metadata().name());
        return runtime.containers().stream()
                .filter(c -> c.podSandboxId().equals(container.podSandboxId())
                        && c.state() == ContainerState.RUNNING
                        && later.contains(c.metadata().name()))
                .findFirst()
                .map(c -> container.metadata().name() + " is stopped before "
                        + c.metadata().name());
    }
}
