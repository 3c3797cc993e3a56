/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.PlannerInput;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.PodPlan;
import io.jubelet.reconcile.WorkStatistics.Count;
import java.util.Optional;

/** Counts the updates of one pod and how they end. Confined to the thread of its worker. */
final class UpdateTracker {

    private final WorkStatistics statistics;
    private boolean updating;

    UpdateTracker(WorkStatistics statistics) {
        this.statistics = statistics;
    }

    /** Records that the manifest asks for another version than before. */
    void accepted(Optional<String> before, Optional<String> now) {
        if (updating) {
            end(Count.UPDATES_SUPERSEDED);
        }
        if (before.isPresent() && now.isPresent()) {
            updating = true;
            statistics.add(Count.UPDATES);
        }
    }

    /** Looks at a plan without actions. */
    void planned(PlannerInput input, PodPlan plan) {
        if (!updating) {
            return;
        }
        if (plan.rejection().filter(AdmissionRejection::decided).isPresent()) {
            end(Count.UPDATES_REJECTED);
        } else if (input.versions().running().isEmpty()
                && plan.lifecycle() instanceof PodLifecycle.Syncing
                && plan.waiting().isEmpty()) {
            end(Count.UPDATES_COMPLETED);
        }
    }

    private void end(Count outcome) {
        updating = false;
        statistics.add(outcome);
    }
}
