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
import io.jubelet.pod.PodSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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

    ContainerOrderChecker(SimulatedRuntime runtime) {
        this.runtime = runtime;
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

    /** One life of a container: in one sandbox, between two restarts of all. */
    private static String key(Container container, String name) {
        return container.podSandboxId() + "/" + container.annotations().getOrDefault(Labels.ROUND, "0") + "/" + name;
    }

    private static String uid(Container container) {
        return container.labels().get(Labels.POD_UID);
    }

    /** How starting a container breaks the order. */
    Optional<String> brokenByStart(Container container, PodSpec spec) {
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

    /** How stopping a container breaks the order: a sidecar while one that comes later still runs. */
    Optional<String> brokenByStop(Container container, PodSpec spec) {
        boolean sidecar = container.state() == ContainerState.RUNNING
                && spec.container(container.metadata().name())
                        .filter(spec::isSidecar)
                        .isPresent();
        boolean sandboxReady = runtime.sandboxes().stream()
                .anyMatch(s -> s.id().equals(container.podSandboxId()) && s.state() == PodSandboxState.READY);
        if (!sidecar || !sandboxReady || restartedAll.contains(uid(container))) {
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
