package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.pod.Pod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives every stop of a plan what has to be done before it, whoever planned it and whatever for. Pure.
 *
 * <p>It comes from the version that the container was made for. Of a version whose content is lost there is nothing to do.
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
            actions.add(action instanceof PodAction.StopContainers stop ? stop.after(withHooks) : action);
        }
        return plan.with(actions);
    }

    /** All containers with something to be done before they are stopped, and their versions. */
    private static Map<ContainerId, Pod> withHooks(PlannerInput now) {
        Map<ContainerId, Pod> withHooks = new HashMap<>();
        for (ObservedContainer container : now.observed().containers()) {
            if (container.state() instanceof ObservedContainer.State.Running) {
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
