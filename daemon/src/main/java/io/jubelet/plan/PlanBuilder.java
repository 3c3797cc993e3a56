/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.WaitingCause;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects the plan for one version of a pod. Confined to one thread. */
final class PlanBuilder {

    /** The cause of containers that are about to be created. */
    static final Waiting CREATING = new Waiting(WaitingCause.Other.CREATING, KubeletReasons.CONTAINER_CREATING, "");

    /** The cause of containers that run, but do not count as started before their postStart hook has ended. */
    static final Waiting HOOK_RUNS =
            new Waiting(WaitingCause.Other.CREATING, KubeletReasons.CONTAINER_CREATING, "its postStart hook runs");

    /** The cause of containers that wait for init containers. */
    static final Waiting INITIALIZING =
            new Waiting(WaitingCause.Other.INITIALIZING, KubeletReasons.POD_INITIALIZING, "");

    private final List<PodAction> actions = new ArrayList<>();
    private final Map<String, Waiting> waiting = new HashMap<>();
    private @Nullable Instant due;

    void add(PodAction action) {
        actions.add(action);
    }

    void addAll(List<PodAction> more) {
        actions.addAll(more);
    }

    List<PodAction> actions() {
        return actions;
    }

    /** Sets why a container does not run although it should; replaces an earlier cause. */
    void waiting(ContainerSpec container, Waiting why) {
        waiting.put(container.name(), why);
    }

    Map<String, Waiting> waiting() {
        return waiting;
    }

    /** Requests another plan at a time; the earliest request counts. */
    void planAgainAt(Instant moment) {
        if (due == null || moment.isBefore(due)) {
            due = moment;
        }
    }

    /** When to plan again; null if no plan was requested. */
    @Nullable
    Instant due() {
        return due;
    }
}
