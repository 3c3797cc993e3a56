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
 * What is remembered of requests about mirrors, from one plan to the next; and who is told of it. Confined to the loop of
 * {@link MirrorPodManager}, but for {@link #tell}.
 */
final class MirrorHistory {

    private static final Logger LOG = LoggerFactory.getLogger(MirrorHistory.class);

    /** As the kubelet's word for what it says in its log only would be. */
    private static final String REASON = "FailedMirrorPod";

    /** How often in a row an action may be put off before anybody is told. */
    private static final int BUSY = 3;

    /** Statuses written in a second, all pods together. */
    private static final int MOST_PATCHES = 40;

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** So long after its last try a namespace that is not there is tried again; longer where many are missing. */
    private static final Duration NAMESPACE_PACE = Duration.ofSeconds(1);

    private static final Duration EACH_NAMESPACE = Duration.ofMillis(100);

    private final String node;
    private final EventRecorder events;
    private final Function<PodName, Optional<Pod>> content;
    private final InstantSource clock;
    private final Map<NamespacedName, MirrorRecord> memory = new HashMap<>();
    private final Map<String, MirrorFailure> namespaces = new HashMap<>();
    private final Deque<Instant> patches = new ArrayDeque<>();
    /** Written by any thread. */
    private final Queue<Told> told = new ConcurrentLinkedQueue<>();

    private record Told(MirrorAction action, Outcome outcome) {}

    /** @param content of a static pod that is shown */
    MirrorHistory(String node, EventRecorder events, Function<PodName, Optional<Pod>> content, InstantSource clock) {
        this.node = Objects.requireNonNull(node, "node");
        this.events = Objects.requireNonNull(events, "events");
        this.content = Objects.requireNonNull(content, "content");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** Says what became of an action. Any thread. */
    void tell(MirrorAction action, Outcome outcome) {
        told.add(new Told(action, outcome));
    }

    /** Notes that an action is under way. */
    void begun(MirrorAction action) {
        memory.put(action.name(), of(action.name()).begun());
        if (action instanceof MirrorAction.PatchStatus) {
            patches.add(clock.instant());
        }
    }

    /** Actions under way. */
    int busy() {
        return (int) memory.values().stream().filter(MirrorRecord::busy).count();
    }

    /** After an outage what was refused is tried again: it may be another API server. What hung is not. */
    void forgive(Instant now) {
        memory.replaceAll((_, before) -> before.trouble()
                        .filter(trouble -> trouble.reason().equals(MirrorFailure.LOST))
                        .isPresent()
                ? before
                : before.retriedAt(now));
        namespaces.replaceAll((_, before) -> before.retriedAt(now));
    }

    /** What a plan follows from; forgets what is of no use to any. */
    MirrorPlannerInput situation(
            Optional<String> nodeUid,
            Reflector.Snapshot<ApiPod> seen,
            List<MirroredPod> statics,
            Optional<Set<PodName>> alive,
            Instant now) {
        Set<NamespacedName> known = new HashSet<>();
        Set<String> wanted = new HashSet<>();
        seen.objects().values().forEach(pod -> known.add(pod.name()));
        statics.forEach(pod -> {
            known.add(NamespacedName.ofMirror(pod.name(), node));
            wanted.add(pod.name().namespace());
        });
        memory.entrySet().removeIf(entry -> !entry.getValue().busy() && !known.contains(entry.getKey()));
        namespaces.keySet().retainAll(wanted);
        while (!patches.isEmpty() && patches.getFirst().isBefore(now.minus(SECOND))) {
            patches.removeFirst();
        }
        return new MirrorPlannerInput(
                node,
                nodeUid,
                seen.objects().values(),
                ApiPod.version(seen.version()),
                statics,
                alive,
                memory,
                namespaces,
                Math.max(0, MOST_PATCHES - patches.size()),
                now);
    }

    /** Takes what was told since the last time. */
    void take() {
        for (Told next = told.poll(); next != null; next = told.poll()) {
            take(next.action(), next.outcome(), clock.instant());
        }
    }

    private void take(MirrorAction action, Outcome outcome, Instant now) {
        NamespacedName name = action.name();
        MirrorRecord before = of(name);
        if (action instanceof MirrorAction.Create && !(outcome instanceof Outcome.Lost)) {
            namespaces.remove(name.namespace());
        }
        memory.put(
                name,
                switch (outcome) {
                    case Outcome.Created created -> {
                        LOG.info("created mirror {}", name);
                        yield before.created(created.version(), now);
                    }
                    case Outcome.Patched patched -> before.patched(patched.sent());
                    case Outcome.Deleted _ -> {
                        if (action instanceof MirrorAction.Delete delete) {
                            LOG.info("deleted pod {} of the API server: {}", name, delete.why());
                        }
                        yield before.deleted(action, now);
                    }
                    case Outcome.Overtaken _ ->
                        before.failed(trouble(before, action, "Overtaken", "", Duration.ZERO, now));
                    case Outcome.NoNamespace missing -> {
                        MirrorFailure trouble =
                                trouble(before, action, "NoNamespace", missing.message(), Duration.ZERO, now);
                        if (isNews(before, trouble)) {
                            report(action, trouble);
                        }
                        Duration pace = NAMESPACE_PACE;
                        if (EACH_NAMESPACE.multipliedBy(namespaces.size()).compareTo(pace) > 0) {
                            pace = EACH_NAMESPACE.multipliedBy(namespaces.size());
                        }
                        namespaces.put(name.namespace(), trouble.retriedAt(now.plus(pace)));
                        yield before.failed(trouble.retriedAt(now));
                    }
                    case Outcome.Rejected refused -> {
                        MirrorFailure trouble =
                                trouble(before, action, refused.reason(), refused.message(), refused.atLeast(), now);
                        // An API server that is busy and says so is no trouble, unless it goes on.
                        boolean putOff = refused.atLeast().isPositive();
                        if (putOff ? trouble.count() == BUSY : isNews(before, trouble)) {
                            report(action, trouble);
                        }
                        yield before.failed(trouble);
                    }
                    case Outcome.Lost lost ->
                        before.failed(trouble(before, action, MirrorFailure.LOST, lost.message(), Duration.ZERO, now));
                });
    }

    private static MirrorFailure trouble(
            MirrorRecord before, MirrorAction action, String reason, String message, Duration atLeast, Instant now) {
        return MirrorFailure.after(before.trouble(), action.about(), reason, message, atLeast, now);
    }

    /** Once for each reason, until something succeeds. */
    private static boolean isNews(MirrorRecord before, MirrorFailure trouble) {
        return before.trouble()
                .filter(last -> last.reason().equals(trouble.reason()))
                .isEmpty();
    }

    private void report(MirrorAction action, MirrorFailure trouble) {
        LOG.warn("the API server refuses mirror {}, whose pod runs on: {}", action.name(), trouble.message());
        action.name()
                .staticPod(node)
                .flatMap(content)
                .ifPresent(pod ->
                        events.warning(pod, "", REASON, "The API server refuses the mirror pod: " + trouble.message()));
    }

    private MirrorRecord of(NamespacedName name) {
        return memory.getOrDefault(name, MirrorRecord.NONE);
    }
}
