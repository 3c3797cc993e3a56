package io.jubelet.plan;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.WaitingCause;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What has been planned so far for one version of a pod. Used by one thread. */
final class PlanBuilder {

    static final Waiting CREATING = new Waiting(WaitingCause.Other.CREATING, KubeletReasons.CONTAINER_CREATING, "");

    /** The kubelet's word for containers that wait for init containers. */
    static final Waiting INITIALIZING =
            new Waiting(WaitingCause.Other.INITIALIZING, KubeletReasons.POD_INITIALIZING, "");

    private final List<PodAction> actions = new ArrayList<>();
    private final Map<String, Waiting> waiting = new HashMap<>();
    private Instant due;

    void add(PodAction action) {
        actions.add(action);
    }

    void addAll(List<PodAction> more) {
        actions.addAll(more);
    }

    List<PodAction> actions() {
        return actions;
    }

    /** Says why a container does not run although it should. */
    void waiting(ContainerSpec container, Waiting why) {
        waiting.put(container.name(), why);
    }

    Map<String, Waiting> waiting() {
        return waiting;
    }

    /** Asks for another plan at a moment; the earliest counts. */
    void planAgainAt(Instant moment) {
        if (due == null || moment.isBefore(due)) {
            due = moment;
        }
    }

    /** When to plan again; null when nothing is waited for. */
    Instant due() {
        return due;
    }
}
