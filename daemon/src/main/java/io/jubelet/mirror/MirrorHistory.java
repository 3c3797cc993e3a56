/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.events.EventRecorder;
import io.jubelet.kubeapi.Reflector;
import io.jubelet.mirror.MirrorClient.Outcome;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The history of requests about mirror pods, from one plan to the next, and the reports of
 * failures. Confined to the loop of {@link MirrorPodManager}, except for {@link #complete}.
 */
final class MirrorHistory {

    private static final Logger LOG = LoggerFactory.getLogger(MirrorHistory.class);

    /** The reason of the warning event; the kubelet only logs these failures. */
    private static final String REASON = "FailedMirrorPod";

    /** How often in a row an action can be deferred before a warning is recorded. */
    private static final int DEFERRALS_BEFORE_WARNING = 3;

    /** The maximum number of status patches of all pods per second. */
    private static final int MAX_PATCHES_PER_SECOND = 40;

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** The retry delay of a missing namespace; longer when many are missing. */
    private static final Duration NAMESPACE_RETRY = Duration.ofSeconds(1);

    private static final Duration RETRY_PER_NAMESPACE = Duration.ofMillis(100);

    private final String node;
    private final EventRecorder events;
    private final Function<PodName, Optional<Pod>> content;
    private final InstantSource clock;
    private final Map<NamespacedName, MirrorRecord> records = new HashMap<>();
    private final Map<String, MirrorFailure> namespaces = new HashMap<>();
    private final Deque<Instant> patches = new ArrayDeque<>();
    /** Completed actions, added by any thread. */
    private final Queue<Completed> outcomes = new ConcurrentLinkedQueue<>();

    private record Completed(MirrorAction action, Outcome outcome) {}

    /** @param content returns the version of a static pod that its mirror pod shows */
    MirrorHistory(String node, EventRecorder events, Function<PodName, Optional<Pod>> content, InstantSource clock) {
        this.node = Objects.requireNonNull(node, "node");
        this.events = Objects.requireNonNull(events, "events");
        this.content = Objects.requireNonNull(content, "content");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** Adds the outcome of an action. Safe for use by any thread. */
    void complete(MirrorAction action, Outcome outcome) {
        outcomes.add(new Completed(action, outcome));
    }

    /** Records that an action has started. */
    void markStarted(MirrorAction action) {
        records.put(action.name(), recordOf(action.name()).started());
        if (action instanceof MirrorAction.PatchStatus) {
            patches.add(clock.instant());
        }
    }

    /** Returns the number of running actions. */
    int inFlight() {
        return (int) records.values().stream().filter(MirrorRecord::inFlight).count();
    }

    /**
     * Allows rejected attempts again after an outage, because it can be another API server.
     * Attempts without a response keep their delay.
     */
    void retryNow(Instant now) {
        records.replaceAll((_, before) -> before.failure()
                        .filter(failure -> failure.reason().equals(MirrorFailure.NO_RESPONSE))
                        .isPresent()
                ? before
                : before.retriedAt(now));
        namespaces.replaceAll((_, before) -> before.retriedAt(now));
    }

    /** Returns the input of the next plan; removes records that no plan needs. */
    MirrorPlannerInput plannerInput(
            Optional<String> nodeUid,
            Reflector.Snapshot<ApiPod> seen,
            List<MirroredPod> staticPods,
            Optional<Set<PodName>> alive,
            Instant now) {
        Set<NamespacedName> known = new HashSet<>();
        Set<String> wanted = new HashSet<>();
        seen.objects().values().forEach(pod -> known.add(pod.name()));
        staticPods.forEach(pod -> {
            known.add(NamespacedName.ofMirror(pod.name(), node));
            wanted.add(pod.name().namespace());
        });
        records.entrySet().removeIf(entry -> !entry.getValue().inFlight() && !known.contains(entry.getKey()));
        namespaces.keySet().retainAll(wanted);
        while (!patches.isEmpty() && patches.getFirst().isBefore(now.minus(SECOND))) {
            patches.removeFirst();
        }
        return new MirrorPlannerInput(
                node,
                nodeUid,
                new MirrorPlannerInput.ApiPods(seen.objects().values(), ApiPod.version(seen.version())),
                staticPods,
                alive,
                new MirrorPlannerInput.History(
                        records, namespaces, Math.max(0, MAX_PATCHES_PER_SECOND - patches.size())),
                now);
    }

    /** Processes the outcomes since the last call. */
    void processOutcomes() {
        for (Completed next = outcomes.poll(); next != null; next = outcomes.poll()) {
            process(next.action(), next.outcome(), clock.instant());
        }
    }

    private void process(MirrorAction action, Outcome outcome, Instant now) {
        NamespacedName name = action.name();
        MirrorRecord before = recordOf(name);
        if (action instanceof MirrorAction.Create && !(outcome instanceof Outcome.NoResponse)) {
            namespaces.remove(name.namespace());
        }
        records.put(
                name,
                switch (outcome) {
                    case Outcome.Created created -> {
                        LOG.info("created mirror pod {}", name);
                        yield before.created(created.version(), now);
                    }
                    case Outcome.Patched patched -> before.patched(patched.sent());
                    case Outcome.Deleted _ -> {
                        if (action instanceof MirrorAction.Delete delete) {
                            LOG.info("deleted pod {} from the API server: {}", name, delete.why());
                        }
                        yield before.deleted(action, now);
                    }
                    case Outcome.Gone _ ->
                        before.failed(failure(before, action, "Overtaken", Optional.empty(), Duration.ZERO, now));
                    case Outcome.NoNamespace missing -> {
                        MirrorFailure failure = failure(
                                before, action, "NoNamespace", Optional.of(missing.message()), Duration.ZERO, now);
                        if (isNews(before, failure)) {
                            report(action, missing.message());
                        }
                        Duration pace = NAMESPACE_RETRY;
                        if (RETRY_PER_NAMESPACE.multipliedBy(namespaces.size()).compareTo(pace) > 0) {
                            pace = RETRY_PER_NAMESPACE.multipliedBy(namespaces.size());
                        }
                        namespaces.put(name.namespace(), failure.retriedAt(now.plus(pace)));
                        yield before.failed(failure.retriedAt(now));
                    }
                    case Outcome.Rejected refused -> {
                        MirrorFailure failure = failure(
                                before,
                                action,
                                refused.reason(),
                                Optional.of(refused.message()),
                                refused.atLeast(),
                                now);
                        // An API server that asks for a delay is reported only if that goes on.
                        boolean putOff = refused.atLeast().isPositive();
                        if (putOff ? failure.count() == DEFERRALS_BEFORE_WARNING : isNews(before, failure)) {
                            report(action, refused.message());
                        }
                        yield before.failed(failure);
                    }
                    case Outcome.NoResponse lost ->
                        before.failed(failure(
                                before,
                                action,
                                MirrorFailure.NO_RESPONSE,
                                Optional.of(lost.message()),
                                Duration.ZERO,
                                now));
                });
    }

    private static MirrorFailure failure(
            MirrorRecord before,
            MirrorAction action,
            String reason,
            Optional<String> message,
            Duration atLeast,
            Instant now) {
        return MirrorFailure.after(before.failure(), action.attempt(), reason, message, atLeast, now);
    }

    /** Reports each reason once, until something succeeds. */
    private static boolean isNews(MirrorRecord before, MirrorFailure failure) {
        return before.failure()
                .filter(last -> last.reason().equals(failure.reason()))
                .isEmpty();
    }

    private void report(MirrorAction action, String message) {
        LOG.warn("the API server rejected mirror pod {}; its static pod keeps running: {}", action.name(), message);
        action.name()
                .staticPod(node)
                .flatMap(content)
                .ifPresent(pod -> events.warning(pod, REASON, "The API server rejected the mirror pod: " + message));
    }

    private MirrorRecord recordOf(NamespacedName name) {
        return records.getOrDefault(name, MirrorRecord.NONE);
    }
}
