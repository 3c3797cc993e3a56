package io.jubelet.plan;

import io.jubelet.cri.PodSandboxId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import java.util.List;
import java.util.Optional;

/**
 * Plans init containers, one after the other, and sidecars, after which the next comes as soon as they have started. Made
 * for one planning, used by one thread; pure.
 *
 * <p>Source: the Kubernetes pages on init containers and on sidecar containers.
 */
final class InitPlanner {

    private final PlannerInput situation;
    private final PodSpec spec;
    private final VersionProgress state;
    private final ContainerPlanner containers;
    private final ImagePlanner images;
    private final PlanBuilder draft;

    InitPlanner(
            PlannerInput situation,
            PodSpec spec,
            VersionProgress state,
            ContainerPlanner containers,
            ImagePlanner images,
            PlanBuilder draft) {
        this.situation = situation;
        this.spec = spec;
        this.state = state;
        this.containers = containers;
        this.images = images;
        this.draft = draft;
    }

    /** Plans what is next in a ready sandbox; returns whether it is the turn of the main containers. */
    boolean plan(PodSandboxId sandbox) {
        List<ContainerSpec> inits = spec.initContainers();
        if (inits.isEmpty()) {
            return true;
        }
        int last = state.initialized() ? inits.size() : state.lastInit();
        for (int i = 0; i < inits.size(); i++) {
            ContainerSpec init = inits.get(i);
            boolean passed = i < last || passed(init);
            if (!passed || spec.isSidecar(init) || unknown(init)) {
                containers.keep(sandbox, init, false);
            }
            if (!passed) {
                images.forLater();
                inits.subList(i + 1, inits.size()).forEach(this::waits);
                spec.containers().stream().filter(state::wantsToRun).forEach(this::waits);
                return false;
            }
        }
        return true;
    }

    /** Whether it may still run although it has had its turn; then it is stopped. */
    private boolean unknown(ContainerSpec init) {
        return state.init(init).map(ObservedContainer::state).orElse(null) instanceof State.Unknown;
    }

    /** Whether the next container may start: this one has done its work or, as a sidecar, has started. */
    private boolean passed(ContainerSpec init) {
        Optional<ObservedContainer> instance = state.init(init);
        if (instance.isEmpty()) {
            return false;
        }
        return switch (instance.get().state()) {
            case State.Running _ ->
                spec.isSidecar(init)
                        && situation.health(init, instance.get().id()).started();
            case State.Exited exited -> RestartDecision.completes(spec, init, exited.exitCode(), exited.reason());
            case State.Created _, State.Unknown _ -> false;
        };
    }

    /** Its turn comes later; its image is fetched now. */
    private void waits(ContainerSpec later) {
        images.ids(later, state.newest(later));
        if (!images.failed(later)) {
            draft.waits(later, PlanBuilder.INITIALIZING);
        }
    }
}
