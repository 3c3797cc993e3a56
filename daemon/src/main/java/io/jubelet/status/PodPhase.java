/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.plan.RestartDecision;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.PodStatus.Phase;
import java.util.List;
import java.util.Optional;

/**
 * Computes the phase of a pod from the states of its containers. Pure; used once.
 *
 * <p>The deletion of a static pod never makes its phase terminal: only containers that ended by
 * themselves and must not be restarted do. Source: the Kubernetes page on the pod life cycle, and
 * the kubelet where the page is silent.
 */
final class PodPhase {

    private final Optional<PodSpec> spec;
    private final List<ContainerStatus> containers;
    private boolean pendingInit;
    private boolean failedInit;
    private int running;
    private int waiting;
    private int stopped;
    private int succeeded;
    private boolean restarts;

    private PodPhase(Optional<PodSpec> spec, List<ContainerStatus> containers) {
        this.spec = spec;
        this.containers = containers;
    }

    /**
     * @param spec empty if the content of the pod was lost; it is then treated as one that always
     *     restarts
     */
    static Phase of(Optional<PodSpec> spec, List<ContainerStatus> init, List<ContainerStatus> containers) {
        return new PodPhase(spec, containers).count(init);
    }

    /** Whether any main container was ever started. */
    static boolean anyStarted(List<ContainerStatus> containers) {
        for (ContainerStatus container : containers) {
            if (!(container.state() instanceof ContainerState.Waiting)
                    || container.lastState().isPresent()) {
                return true;
            }
        }
        return false;
    }

    private Phase count(List<ContainerStatus> init) {
        boolean anyStarted = anyStarted(containers);
        for (ContainerStatus container : init) {
            ContainerSpec of = spec.orElseThrow().container(container.name()).orElseThrow();
            if (spec.get().isSidecar(of)) {
                sidecar(container, anyStarted);
            } else {
                init(container, of);
            }
        }
        containers.forEach(this::main);
        if (failedInit) {
            return Phase.Failed;
        }
        if (pendingInit || waiting > 0) {
            return Phase.Pending;
        }
        if (running > 0 || restarts) {
            return Phase.Running;
        }
        if (stopped == 0) {
            return Phase.Pending;
        }
        return succeeded == stopped ? Phase.Succeeded : Phase.Failed;
    }

    private void init(ContainerStatus status, ContainerSpec container) {
        Optional<ContainerState.Terminated> end = end(status);
        if (end.isEmpty()) {
            pendingInit = true;
        } else if (end.get().exitCode() != 0) {
            failedInit |= !restarts(container, end.get());
        }
    }

    private void sidecar(ContainerStatus status, boolean anyStarted) {
        switch (status.state()) {
            case ContainerState.Running _ -> {
                running++;
                pendingInit |= !status.started() && !anyStarted;
            }
            case ContainerState.Waiting _ -> pendingInit |= status.lastState().isEmpty() && !anyStarted;
            case ContainerState.Terminated _ -> {}
        }
    }

    private void main(ContainerStatus status) {
        if (status.state() instanceof ContainerState.Running) {
            running++;
            return;
        }
        Optional<ContainerState.Terminated> end = end(status);
        if (end.isEmpty()) {
            waiting++;
            return;
        }
        stopped++;
        boolean over = status.state() instanceof ContainerState.Terminated;
        succeeded += over && end.get().exitCode() == 0 ? 1 : 0;
        // A waiting container will be restarted, whatever its exit code: a probe may have had it
        // stopped.
        restarts |= !over
                || spec.isEmpty()
                || spec.get()
                        .container(status.name())
                        .map(of -> restarts(of, end.get()))
                        .orElse(false);
    }

    private boolean restarts(ContainerSpec container, ContainerState.Terminated end) {
        return RestartDecision.after(spec.orElseThrow(), container, end.exitCode(), end.reason())
                != RestartDecision.STAY;
    }

    /** How it ended, now or before it began to wait; empty while it runs or if it never started. */
    private static Optional<ContainerState.Terminated> end(ContainerStatus status) {
        return switch (status.state()) {
            case ContainerState.Running _ -> Optional.empty();
            case ContainerState.Terminated ended -> Optional.of(ended);
            case ContainerState.Waiting _ -> status.lastState();
        };
    }
}
