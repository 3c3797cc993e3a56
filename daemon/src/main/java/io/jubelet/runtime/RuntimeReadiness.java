/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StatusResponse;
import io.jubelet.cri.StatusResponse.RuntimeCondition;
import io.jubelet.cri.VersionResponse;
import io.jubelet.node.RuntimeOffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Queries periodically whether the runtime and its network are ready, for the conditions of the
 * Node. Does not run without a cluster.
 *
 * <p>Safe for use by many threads.
 */
public final class RuntimeReadiness implements AutoCloseable {

    /**
     * How long the runtime may fail to answer before it counts as down. A restart takes less; the
     * kubelet waits for 30 s.
     */
    private static final Duration MAX_SILENCE = Duration.ofSeconds(10);

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration MAX_RETRY = Duration.ofSeconds(5);

    private final RuntimeService runtime;
    private final Duration period;
    private final Runnable changed;
    private final InstantSource clock;
    private final Loop loop;
    private volatile Status last;

    /**
     * What the runtime reported last.
     *
     * @param at the time of the report; before the first report, the start of this class
     * @param version empty before the first report
     * @param offer what it offers to pods
     * @param problems why it is not ready, in its own words; empty if it is ready
     * @param failure why the queries since then have failed; empty if none has
     */
    private record Status(
            Instant at,
            Optional<String> version,
            RuntimeOffer offer,
            List<String> problems,
            Optional<String> failure) {}

    /**
     * @param period between two queries
     * @param changed called when {@link #problem}, {@link #version} or {@link #offer} has changed; must not block
     */
    public RuntimeReadiness(RuntimeService runtime, Duration period, Runnable changed, InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.period = Objects.requireNonNull(period, "period");
        this.changed = Objects.requireNonNull(changed, "changed");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.last = new Status(
                clock.instant(),
                Optional.empty(),
                RuntimeOffer.NONE,
                List.of("container runtime status check may not have completed yet"),
                Optional.empty());
        this.loop = Loop.unstarted("runtime-status", RETRY, MAX_RETRY, this::turn);
    }

    /** Starts the queries. */
    public RuntimeReadiness start() {
        loop.begin();
        return this;
    }

    /** Queries the runtime on the calling thread. Only for an instance that was not started. */
    public void refresh() {
        last = query(last);
    }

    /** Why the runtime is not ready, in the kubelet's words; empty if it is ready. */
    public Optional<String> problem() {
        Status status = last;
        Instant now = clock.instant();
        // A query that hangs has not failed yet.
        Duration limit = status.failure().isEmpty() ? MAX_SILENCE.plus(period) : MAX_SILENCE;
        List<String> problems = status.at().plus(limit).isBefore(now)
                ? List.of("container runtime is down: " + status.failure().orElse("it does not answer"))
                : status.problems();
        if (problems.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(problems.size() == 1 ? problems.getFirst() : "[" + String.join(", ", problems) + "]");
    }

    /** Name and version, such as {@code containerd://1.6.20}; empty before the first report. */
    public Optional<String> version() {
        return last.version();
    }

    /** What the runtime offers to pods, by its last report. */
    public RuntimeOffer offer() {
        return last.offer();
    }

    private Duration turn() {
        Status before = last;
        Optional<String> problem = problem();
        Status now = query(before);
        last = now;
        if (!problem().equals(problem)
                || !before.version().equals(now.version())
                || !before.offer().equals(now.offer())) {
            changed.run();
        }
        return now.failure().isEmpty() ? period : RETRY;
    }

    private Status query(Status before) {
        try {
            StatusResponse status = runtime.status(false);
            List<String> problems = new ArrayList<>();
            check(status, "RuntimeReady", "container runtime not ready", problems);
            check(status, "NetworkReady", "container runtime network not ready", problems);
            // After an outage the runtime may have another version.
            boolean known = before.version().isPresent() && before.failure().isEmpty();
            return new Status(
                    clock.instant(),
                    known ? before.version() : Optional.of(queryVersion()),
                    offer(status),
                    problems,
                    Optional.empty());
        } catch (CriException e) {
            return new Status(
                    before.at(),
                    before.version(),
                    before.offer(),
                    before.problems(),
                    Optional.of(String.valueOf(e.getMessage())));
        }
    }

    private static RuntimeOffer offer(StatusResponse status) {
        return new RuntimeOffer(
                status.runtimeHandlers().stream()
                        .map(handler -> new RuntimeOffer.Handler(
                                handler.name(),
                                Optional.ofNullable(handler.features())
                                        .map(features -> new RuntimeOffer.Features(
                                                features.recursiveReadOnlyMounts(), features.userNamespaces()))))
                        .toList(),
                Optional.ofNullable(status.features()).map(StatusResponse.RuntimeFeatures::supplementalGroupsPolicy));
    }

    private String queryVersion() {
        VersionResponse version = runtime.version();
        return version.runtimeName() + "://" + version.runtimeVersion();
    }

    private static void check(StatusResponse status, String type, String what, List<String> problems) {
        RuntimeCondition condition = status.condition(type);
        if (condition != null && !condition.status()) {
            problems.add(
                    what + ": " + type + "=false reason:" + condition.reason() + " message:" + condition.message());
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
