package io.jubelet.status;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerState;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.pod.Pod;
import io.jubelet.reconcile.ActionFailure;
import io.jubelet.reconcile.PodLifecycle;
import io.jubelet.reconcile.PodView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the statuses of the containers of a pod from what its worker sees. Pure. */
final class ContainerStatusBuilder {

    static final ContainerState.Waiting CREATING = new ContainerState.Waiting("ContainerCreating", "");
    private static final ContainerHealth DOWN = new ContainerHealth(false, false, Optional.empty());
    private static final String RUNTIME = "containerd://";

    private final PodView view;
    private final String uid;

    ContainerStatusBuilder(PodView view) {
        this.view = view;
        this.uid = PodReport.uid(view);
    }

    /** One status for each container of the spec, in its order; of a pod of unknown content for each one seen. */
    List<ContainerStatus> build() {
        Map<String, String> images = new LinkedHashMap<>();
        Optional<Pod> shown = view.shown();
        if (shown.isPresent()) {
            shown.get().spec().containers().forEach(container -> images.put(container.name(), container.image()));
        } else {
            view.observed().version(uid).containers().reversed().forEach(seen -> images.put(seen.name(), ""));
        }
        List<ContainerStatus> statuses = new ArrayList<>(images.size());
        images.forEach((name, image) -> statuses.add(status(name, image)));
        return statuses;
    }

    private ContainerStatus status(String name, String image) {
        List<ObservedContainer> instances = view.observed().containers().stream()
                .filter(instance ->
                        instance.uid().equals(uid) && instance.name().equals(name))
                .limit(2)
                .toList();
        if (instances.isEmpty()) {
            return new ContainerStatus(
                    name, reason(name).orElse(CREATING), Optional.empty(), false, false, 0, image, "", "");
        }
        ObservedContainer newest = instances.getFirst();
        Optional<ContainerState.Terminated> before =
                instances.size() > 1 ? terminated(instances.get(1)) : Optional.empty();
        ContainerState state = switch (newest.state()) {
            case ObservedContainer.State.Running running -> new ContainerState.Running(running.startedAt());
            case ObservedContainer.State.Created _ -> reason(name).orElse(CREATING);
            case ObservedContainer.State.Unknown _ ->
                new ContainerState.Waiting(
                        "ContainerStatusUnknown", "the runtime cannot tell the state of this container");
            case ObservedContainer.State.Exited exited -> terminated(newest, exited);
        };
        // What is to be started again waits, and how it ended is its past.
        Optional<ContainerState.Waiting> again = reason(name);
        if (state instanceof ContainerState.Terminated ended
                && again.isPresent()
                && view.plan().waiting().containsKey(name)) {
            before = Optional.of(ended);
            state = again.get();
        }
        ContainerHealth health = state instanceof ContainerState.Running ? health(newest) : DOWN;
        return new ContainerStatus(
                name,
                state,
                before,
                health.ready(),
                health.started(),
                newest.attempt(),
                image,
                newest.imageId(),
                RUNTIME + newest.id().value());
    }

    private ContainerHealth health(ObservedContainer running) {
        ContainerHealth asked = view.health().get(running.id());
        if (asked != null) {
            return asked;
        }
        return view.shown()
                .flatMap(pod -> pod.spec().container(running.name()))
                .map(spec -> ContainerHealth.unknown(spec.probes()))
                .orElse(ContainerHealth.WITHOUT_PROBES);
    }

    /** Why a container does not run although it should, as far as the version shown is concerned. */
    private Optional<ContainerState.Waiting> reason(String container) {
        if (!(view.lifecycle() instanceof PodLifecycle.Syncing)) {
            return Optional.empty();
        }
        ContainerState.Waiting waiting = view.plan().waiting().get(container);
        ActionFailure failure = view.failures().get(container);
        if (failure != null && (waiting == null || waiting.equals(CREATING))) {
            return Optional.of(new ContainerState.Waiting(failure.reason(), failure.message()));
        }
        return Optional.ofNullable(waiting);
    }

    private static Optional<ContainerState.Terminated> terminated(ObservedContainer instance) {
        return instance.state() instanceof ObservedContainer.State.Exited exited
                ? Optional.of(terminated(instance, exited))
                : Optional.empty();
    }

    private static ContainerState.Terminated terminated(
            ObservedContainer instance, ObservedContainer.State.Exited exited) {
        String reason = exited.reason();
        if (reason.isEmpty()) {
            reason = exited.exitCode() == 0 ? "Completed" : "Error";
        }
        return new ContainerState.Terminated(
                exited.exitCode(),
                reason,
                exited.message(),
                Optional.ofNullable(exited.startedAt()),
                exited.finishedAt(),
                RUNTIME + instance.id().value());
    }
}
