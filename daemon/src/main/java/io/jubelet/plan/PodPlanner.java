/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.PodLifecycle.Syncing;
import io.jubelet.plan.PodLifecycle.Terminated;
import io.jubelet.plan.PodLifecycle.Terminating;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides what to do about one pod: a pure function of a {@link PlannerInput}.
 *
 * <p>It does no I/O, reads no clock and logs nothing. {@link VersionPlanner} plans what one version of a pod needs while it is
 * kept; this class plans what happens between versions: update, end and removal. Safe for use by many threads.
 */
public final class PodPlanner {

    private final RestartBackoff backoff;

    public PodPlanner(RestartBackoff backoff) {
        this.backoff = backoff;
    }

    /** Returns the plan for an input. A plan that is made after all actions were executed contains no actions (I6). */
    public PodPlan plan(PlannerInput now) {
        return StopHooks.attach(withoutLeftovers(planned(now), now), now);
    }

    /**
     * Removes the directories of versions that were prepared and are no longer wanted, once nothing else is left to do: a
     * removal that fails must not hold up the containers.
     */
    private static PodPlan withoutLeftovers(PodPlan plan, PlannerInput now) {
        if (now.prepared().uids().isEmpty() || !plan.actions().isEmpty()) {
            return plan;
        }
        List<String> left = now.prepared().uids().stream()
                .filter(uid -> !now.wants(uid) && now.observed().version(uid).isEmpty())
                .sorted()
                .toList();
        if (left.isEmpty()) {
            return plan;
        }
        List<PodAction> removals = left.stream()
                .<PodAction>map(uid -> new PodAction.RemoveDirectories(uid, "the version is not wanted any more"))
                .toList();
        // A worker whose pod is terminated ends, and would not try again.
        return plan.lifecycle() instanceof Terminated
                ? plan(removals, new Terminating(left.getFirst(), "the manifest was removed"))
                : plan.with(removals);
    }

    private PodPlan planned(PlannerInput now) {
        if (now.lifecycle() instanceof Terminating ending) {
            return terminating(now, ending);
        }
        return now.wanted().isPresent() ? wanted(now, now.wanted().get()) : unwanted(now);
    }

    private PodPlan terminating(PlannerInput now, Terminating ending) {
        ObservedPod version = now.observed().version(ending.uid());
        if (version.live()) {
            Optional<Pod> successor = now.wanted()
                    .filter(pod -> !pod.uid().equals(ending.uid())
                            && now.observed().version(pod.uid()).hasReadySandbox());
            if (successor.isEmpty()) {
                return plan(end(version, spec(now, ending.uid()), ending.reason()), ending);
            }
            // The successor starts before the sandbox is stopped, which takes long and changes nothing for it.
            return version.hasLiveContainer()
                    ? plan(stopContainers(version, spec(now, ending.uid()), ending.reason()), ending)
                    : takeOver(now, successor.get());
        }
        boolean mustBeRemoved = now.wanted().isEmpty() || now.wants(ending.uid());
        if (mustBeRemoved && !version.isEmpty()) {
            return plan(remove(version, ending.reason()), ending);
        }
        return planned(now.with(new Syncing()));
    }

    private PodPlan unwanted(PlannerInput now) {
        ObservedPod observed = now.observed();
        if (observed.isEmpty()) {
            List<PodAction> left = removeEnded(now, Optional.empty());
            return left.isEmpty() ? PodPlan.nothing(new Terminated()) : plan(left, new Syncing());
        }
        String uid = observed.predecessor("").orElseGet(() -> anyUid(observed));
        return terminating(now, new Terminating(uid, "the manifest was removed"));
    }

    private PodPlan wanted(PlannerInput now, Pod pod) {
        Optional<String> predecessor = now.observed().predecessor(pod.uid());
        return predecessor.isPresent() ? update(now, pod, predecessor.get()) : takeOver(now, pod);
    }

    /** Keeps the wanted version as its manifest says, and then removes what is left of the others, which are not in charge. */
    private PodPlan takeOver(PlannerInput now, Pod pod) {
        ObservedPod others = now.observed().otherVersions(pod.uid());
        List<PodAction> outdated = others.live() ? SuccessorPlanner.removeOutdated(now, pod) : List.of();
        if (!outdated.isEmpty()) {
            return plan(outdated, new Syncing());
        }
        VersionPlanner version = new VersionPlanner(now, pod, backoff);
        version.sync();
        List<PodAction> actions = version.actions();
        if (actions.isEmpty()) {
            actions.addAll(clear(now, others));
        }
        if (actions.isEmpty()) {
            actions.addAll(removeEnded(now, Optional.of(pod.uid())));
        }
        return new PodPlan(actions, new Syncing(), version.waiting(), Map.of(), version.end(), version.due())
                .withRejection(version.rejection());
    }

    /** Keeps the old version until everything is there that the new one needs, as far as that can be known beforehand. */
    private PodPlan update(PlannerInput now, Pod pod, String oldUid) {
        SuccessorPlanner next = new SuccessorPlanner(now, pod, oldUid);
        if (next.ready()) {
            String why = next.obstacle()
                    .map(obstacle -> "the manifest changed; it is stopped first because " + obstacle)
                    .orElse("the manifest changed");
            return terminating(now, new Terminating(oldUid, why));
        }
        List<PodAction> actions = next.actions();
        Optional<Pod> running = now.running().filter(old -> old.uid().equals(oldUid));
        boolean down = !now.observed().version(oldUid).hasLiveContainer();
        if (running.isEmpty() || (down && !actions.isEmpty())) {
            // What has ended is not started again while its successor gets on.
            return new PodPlan(actions, new Syncing(), Map.of(), next.waiting(), next.due())
                    .withRejection(now.rejection());
        }
        VersionPlanner current = new VersionPlanner(now, running.get(), backoff);
        current.sync();
        actions.addAll(current.actions());
        // The new version may wait for long, so what is left of versions before both is removed now.
        if (actions.isEmpty()) {
            actions.addAll(clear(now, now.observed().otherVersions(oldUid).otherVersions(pod.uid())));
        }
        return new PodPlan(
                actions,
                new Syncing(),
                current.waiting(),
                next.waiting(),
                current.end(),
                now.rejection(),
                earliest(next.due(), current.due()));
    }

    /** Ends versions that are not in charge, and removes what has ended of them. */
    private static List<PodAction> clear(PlannerInput now, ObservedPod versions) {
        String reason = "an earlier version has ended";
        if (!versions.live()) {
            return remove(versions, reason);
        }
        List<PodAction> actions = new ArrayList<>();
        for (String uid : remainingUids(versions)) {
            ObservedPod version = versions.version(uid);
            actions.addAll(end(
                    version,
                    spec(now, uid),
                    version.everStarted() ? "the manifest changed" : "another version is wanted"));
        }
        return actions;
    }

    private static Optional<PodSpec> spec(PlannerInput now, String uid) {
        return now.versions().version(uid).map(Pod::spec);
    }

    /**
     * Stops everything of a version: the containers with their grace period, sidecars last, then the sandboxes.
     *
     * @param spec of that version; empty if its content is lost
     */
    static List<PodAction> end(ObservedPod version, Optional<PodSpec> spec, String reason) {
        List<PodAction> actions = new ArrayList<>(stopContainers(version, spec, reason));
        for (ObservedSandbox sandbox : version.sandboxes()) {
            boolean holdsLive = version.containers().stream()
                    .anyMatch(c -> c.live() && c.sandboxId().equals(sandbox.id()));
            if (sandbox.ready() || holdsLive) {
                actions.add(new PodAction.StopSandbox(sandbox.id(), reason));
            }
        }
        return actions;
    }

    private static List<PodAction> stopContainers(ObservedPod version, Optional<PodSpec> spec, String reason) {
        List<ObservedContainer> live =
                version.containers().stream().filter(ObservedContainer::live).toList();
        return live.isEmpty() ? List.of() : List.of(StopOrder.stop(spec, live, gracePeriod(version), reason));
    }

    /** Removes the directories first, because a removal that fails is retried only while a sandbox is left. */
    private static List<PodAction> remove(ObservedPod version, String reason) {
        List<PodAction> actions = new ArrayList<>();
        for (String uid : remainingUids(version)) {
            actions.add(new PodAction.RemoveDirectories(uid, reason));
        }
        for (ObservedContainer container : version.containers()) {
            boolean orphaned = version.sandboxes().stream().noneMatch(s -> s.id().equals(container.sandboxId()));
            if (orphaned) {
                actions.add(new PodAction.RemoveContainer(
                        container.id(), container.name(), container.attempt(), container.uid(), reason));
            }
        }
        for (ObservedSandbox sandbox : version.sandboxes()) {
            actions.add(new PodAction.RemoveSandbox(sandbox.id(), reason));
        }
        return actions;
    }

    /** Removes the directories of versions that have ended and that the runtime no longer shows. */
    private static List<PodAction> removeEnded(PlannerInput now, Optional<String> wanted) {
        List<PodAction> actions = new ArrayList<>();
        for (String uid : now.limits().ends().keySet()) {
            if (!wanted.equals(Optional.of(uid)) && now.observed().version(uid).isEmpty()) {
                actions.add(new PodAction.RemoveDirectories(uid, "it has ended and is not wanted any more"));
            }
        }
        return actions;
    }

    private static Duration gracePeriod(ObservedPod version) {
        return version.sandboxes().stream()
                .map(ObservedSandbox::gracePeriod)
                .findFirst()
                .orElse(Duration.ofSeconds(30));
    }

    private static String anyUid(ObservedPod observed) {
        return remainingUids(observed).getFirst();
    }

    private static List<String> remainingUids(ObservedPod observed) {
        List<String> uids = new ArrayList<>(2);
        observed.sandboxes().stream().map(ObservedSandbox::uid).forEach(uids::add);
        observed.containers().stream().map(ObservedContainer::uid).forEach(uids::add);
        return uids.stream().distinct().toList();
    }

    private static PodPlan plan(List<PodAction> actions, PodLifecycle lifecycle) {
        return new PodPlan(actions, lifecycle, Map.of(), Map.of(), Optional.empty());
    }

    private static <T extends Comparable<T>> Optional<T> earliest(Optional<T> a, Optional<T> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.or(() -> b);
        }
        return a.get().compareTo(b.get()) <= 0 ? a : b;
    }
}
