/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.pod.Pod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds preStop hooks and stop signals to every stop of a plan, whichever planner made it. Pure.
 *
 * <p>They come from the version that the container was created for. If the content of that version is lost, the container is
 * stopped without a hook.
 */
final class StopHooks {

    private StopHooks() {}

    static PodPlan attach(PodPlan plan, PlannerInput now) {
        boolean stops = false;
        for (PodAction action : plan.actions()) {
            stops |= action instanceof PodAction.StopContainers;
        }
        Map<ContainerId, Pod> withHooks = stops ? withHooks(now) : Map.of();
        if (withHooks.isEmpty()) {
            return plan;
        }
        List<PodAction> actions = new ArrayList<>(plan.actions().size());
        for (PodAction action : plan.actions()) {
            actions.add(action instanceof PodAction.StopContainers stop ? stop.with(withHooks) : action);
        }
        return plan.with(actions);
    }

    /** The running containers that have a preStop hook or a stop signal of their own, with their versions. */
    private static Map<ContainerId, Pod> withHooks(PlannerInput now) {
        Map<ContainerId, Pod> withHooks = new HashMap<>();
        for (ObservedContainer container : now.observed().containers()) {
            if (container.asListed().state() instanceof ObservedContainer.State.Running) {
                now.versions()
                        .version(container.uid())
                        .filter(pod -> has(pod, container.name()))
                        .ifPresent(pod -> withHooks.put(container.id(), pod));
            }
        }
        return withHooks;
    }

    private static boolean has(Pod pod, String container) {
        return pod.spec()
                .container(container)
                .filter(spec -> spec.hooks().preStop().isPresent()
                        || !spec.hooks().stopSignal().isEmpty())
                .isPresent();
    }
}
