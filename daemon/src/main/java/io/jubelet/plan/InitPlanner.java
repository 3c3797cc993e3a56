/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.PodSandboxId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import java.util.List;
import java.util.Optional;

/**
 * Plans init containers, one after the other, and sidecars, after which the next one follows as soon as they have started.
 * Made for one plan and one thread; pure.
 *
 * <p>Source: the Kubernetes pages on init containers and on sidecar containers.
 */
final class InitPlanner {

    private final PlannerInput input;
    private final PodSpec spec;
    private final VersionProgress progress;
    private final ContainerPlanner containers;
    private final ImagePlanner images;
    private final PlanBuilder builder;

    InitPlanner(
            PlannerInput input,
            PodSpec spec,
            VersionProgress progress,
            ContainerPlanner containers,
            ImagePlanner images,
            PlanBuilder builder) {
        this.input = input;
        this.spec = spec;
        this.progress = progress;
        this.containers = containers;
        this.images = images;
        this.builder = builder;
    }

    /** Plans the next init container in a ready sandbox; returns whether it is the turn of the main containers. */
    boolean plan(PodSandboxId sandbox) {
        List<ContainerSpec> inits = spec.initContainers();
        if (inits.isEmpty()) {
            return true;
        }
        int last = progress.initialized() ? inits.size() : progress.lastInit();
        for (int i = 0; i < inits.size(); i++) {
            ContainerSpec init = inits.get(i);
            boolean passed = i < last || passed(init);
            if (!passed || spec.isSidecar(init) || unknown(init)) {
                containers.keep(sandbox, init, false);
            }
            if (!passed) {
                images.defer();
                inits.subList(i + 1, inits.size()).forEach(this::deferred);
                spec.containers().stream().filter(progress::wantsToRun).forEach(this::deferred);
                return false;
            }
        }
        return true;
    }

    /** Whether the runtime does not know the state of an init container, which must be stopped then because it may still run. */
    private boolean unknown(ContainerSpec init) {
        return progress.init(init).map(ObservedContainer::state).orElse(null) instanceof State.Unknown;
    }

    /** Whether the next container may start: this one has completed or, as a sidecar, has started. */
    private boolean passed(ContainerSpec init) {
        Optional<ObservedContainer> instance = progress.init(init);
        if (instance.isEmpty()) {
            return false;
        }
        return switch (instance.get().state()) {
            case State.Running _ ->
                spec.isSidecar(init) && input.health(init, instance.get().id()).started();
            case State.Exited exited -> RestartDecision.completes(spec, init, exited.exitCode(), exited.reason());
            case State.Created _, State.Starting _, State.Unknown _ -> false;
        };
    }

    /** Pulls the images of a container whose turn comes later. */
    private void deferred(ContainerSpec later) {
        images.ids(later, progress.newest(later));
        if (!images.failed(later)) {
            builder.waiting(later, PlanBuilder.INITIALIZING);
        }
    }
}
