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
 * The phase that container states make. Pure; used once.
 *
 * <p>A static pod is never forced into a terminal phase by its deletion: only containers that ended by themselves and may
 * not be restarted make one. Source: the Kubernetes page on the pod life cycle, and the kubelet where that is silent.
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

    /** @param spec empty when the content of the pod was lost, which is then taken for one that always restarts */
    static Phase of(Optional<PodSpec> spec, List<ContainerStatus> init, List<ContainerStatus> containers) {
        return new PodPhase(spec, containers).count(init);
    }

    /** Whether any container but the init containers was ever started. */
    static boolean begun(List<ContainerStatus> containers) {
        for (ContainerStatus container : containers) {
            if (!(container.state() instanceof ContainerState.Waiting)
                    || container.lastState().isPresent()) {
                return true;
            }
        }
        return false;
    }

    private Phase count(List<ContainerStatus> init) {
        boolean begun = begun(containers);
        for (ContainerStatus container : init) {
            ContainerSpec of = spec.orElseThrow().container(container.name()).orElseThrow();
            if (spec.get().isSidecar(of)) {
                sidecar(container, begun);
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

    private void sidecar(ContainerStatus status, boolean begun) {
        switch (status.state()) {
            case ContainerState.Running _ -> {
                running++;
                pendingInit |= !status.started() && !begun;
            }
            case ContainerState.Waiting _ -> pendingInit |= status.lastState().isEmpty() && !begun;
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
        // What waits is to be started again, whatever its exit code says: a probe may have had it stopped.
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

    /** How it ended: now, or before what it waits for; empty while it runs or was never started. */
    private static Optional<ContainerState.Terminated> end(ContainerStatus status) {
        return switch (status.state()) {
            case ContainerState.Running _ -> Optional.empty();
            case ContainerState.Terminated ended -> Optional.of(ended);
            case ContainerState.Waiting _ -> status.lastState();
        };
    }
}
