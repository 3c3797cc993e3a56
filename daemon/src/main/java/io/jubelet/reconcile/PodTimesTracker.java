/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.concurrent.Backoff;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.PodTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Determines by the steady clock when the sandboxes and containers of one pod were created and ended. Confined to the worker's
 * thread.
 *
 * <p>A time that the runtime shows is read once, when it is seen first, as "so long ago", and only believed as far as it agrees
 * with what the worker saw itself: nothing ends before it was last seen alive, or in the future. From then on the wall clock
 * can be set without any effect.
 */
final class PodTimesTracker {

    /** Between two sandboxes of a version, when the first ended soon. */
    private static final Backoff SANDBOX_BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /** A sandbox that follows another one later than this begins a new row. */
    private static final Duration SANDBOX_BACKOFF_RESET = Duration.ofMinutes(10);

    /** @param first when the instance was started, or was seen alive first */
    private record Live(Instant first, Instant last) {}

    /** @param row how many sandboxes of a version were created in a row, each soon after the one before */
    private record Creation(Instant at, int row) {}

    private final NodeClock clock;
    private final Map<ContainerId, Live> live = new HashMap<>();
    private final Map<ContainerId, PodTimes.Run> runs = new HashMap<>();
    private final Map<String, Instant> begun = new HashMap<>();
    private final Map<String, Creation> creations = new HashMap<>();

    PodTimesTracker(NodeClock clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** Takes note of what is on the runtime at {@code now} of the steady clock. */
    PodTimes update(ObservedPod observed, Instant now) {
        Set<ContainerId> ids = new HashSet<>();
        for (ObservedContainer container : observed.containers()) {
            ids.add(container.id());
            if (container.state() instanceof State.Exited exited) {
                if (!runs.containsKey(container.id())) {
                    runs.put(container.id(), run(live.remove(container.id()), exited, now));
                }
            } else if (container.asListed().state() instanceof State.Running running) {
                Live before = live.get(container.id());
                live.put(
                        container.id(), new Live(before == null ? ago(running.startedAt(), now) : before.first(), now));
            }
        }
        live.keySet().retainAll(ids);
        runs.keySet().retainAll(ids);
        updateSandboxes(observed, now);
        Map<String, Instant> nextSandbox = new HashMap<>();
        creations.forEach((uid, last) -> {
            if (last.row() > 1) {
                nextSandbox.put(uid, last.at().plus(SANDBOX_BACKOFF.delay(last.row() - 1)));
            }
        });
        return new PodTimes(runs, begun, nextSandbox, Duration.between(now, clock.instant()));
    }

    private void updateSandboxes(ObservedPod observed, Instant now) {
        Set<String> uids = new HashSet<>();
        for (ObservedSandbox sandbox : observed.sandboxes()) {
            if (uids.add(sandbox.uid()) && !begun.containsKey(sandbox.uid())) {
                begun.put(sandbox.uid(), ago(first(observed, sandbox.uid()), now));
            }
        }
        begun.keySet().retainAll(uids);
    }

    /** The earliest time of a sandbox of a version; null if none is known. */
    private static @Nullable Instant first(ObservedPod observed, String uid) {
        Instant first = null;
        for (ObservedSandbox sandbox : observed.sandboxes()) {
            Instant created = sandbox.createdAt();
            if (sandbox.uid().equals(uid) && created != null && (first == null || created.isBefore(first))) {
                first = created;
            }
        }
        return first;
    }

    private PodTimes.Run run(@Nullable Live seen, State.Exited exited, Instant now) {
        Instant end = ago(exited.finishedAt(), now);
        if (seen == null) {
            return new PodTimes.Run(PodTimes.length(exited), end);
        }
        Instant bounded = end.isBefore(seen.last()) ? seen.last() : end;
        return new PodTimes.Run(Duration.between(seen.first(), bounded), bounded);
    }

    /** The moment of the steady clock that lies as long ago as a time of the wall clock; {@code now} if that is unknown. */
    private Instant ago(@Nullable Instant recorded, Instant now) {
        return recorded == null ? now : now.minus(clock.age(recorded));
    }

    /** Takes note that a sandbox of a version was created. */
    void sandboxCreated(String uid, Instant now) {
        creations.compute(uid, (_, last) -> {
            boolean soon = last != null && Duration.between(last.at(), now).compareTo(SANDBOX_BACKOFF_RESET) < 0;
            return new Creation(now, soon ? last.row() + 1 : 1);
        });
    }

    /** Forgets how often sandboxes were created, because another version is wanted. */
    void forgetCreations() {
        creations.clear();
    }
}
