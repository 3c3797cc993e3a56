/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.concurrent.Backoff;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.ContainerId;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.ActionFailure;
import io.jubelet.plan.KubeletReasons;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The failed actions of one pod that did not succeed since, each with the time of its next attempt. Confined to the worker's
 * thread.
 */
final class ActionFailures {

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    private final Map<String, ActionFailure> failures = new HashMap<>();

    /**
     * Adds a failure of the sandbox or container with this {@link io.jubelet.plan.PodAction#failureKey}, now by the steady clock.
     * The instance that an earlier one ended stays known, because it remains the newest until the next is created.
     */
    void add(String key, ActionFailedException failure, Instant now) {
        ActionFailure before = failures.get(key);
        int count = before == null ? 1 : before.count() + 1;
        Instant retryAt = now.plus(BACKOFF.delay(count));
        Optional<ContainerId> ended = failure.ended().isPresent() || before == null ? failure.ended() : before.ended();
        failures.put(key, new ActionFailure(failure.reason(), failure.getMessage(), count, retryAt, ended));
    }

    /** Forgets the failure of a sandbox or container, because an action on it succeeded. */
    void remove(String key) {
        failures.remove(key);
    }

    /** Forgets the failures of containers that lacked a ConfigMap, Secret or the like, so that they are retried now. */
    void removeConfigErrors() {
        failures.values().removeIf(failure -> failure.reason().equals(KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR));
    }

    void clear() {
        failures.clear();
    }

    /** The failures by key with times of the wall clock, for showing. */
    Map<String, ActionFailure> shown(NodeClock clock) {
        Map<String, ActionFailure> shown = failures.isEmpty() ? Map.of() : new HashMap<>();
        failures.forEach((key, failure) -> shown.put(
                key,
                new ActionFailure(
                        failure.reason(),
                        failure.message(),
                        failure.count(),
                        clock.wallTime(failure.retryAt()),
                        failure.ended())));
        return shown;
    }

    /** The failures by key; a view that changes with this. */
    Map<String, ActionFailure> all() {
        return failures;
    }
}
