/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.objects.MirrorState;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Plans which mirror pods are deleted or created and which statuses are written. Pure.
 *
 * <p>Source: {@code tryReconcileMirrorPods}, {@code deleteOrphanedMirrorPods} and the status
 * manager of the kubelet. Unlike there, a deletion always names the UID.
 */
final class MirrorPlanner {

    /** Changes of one pod within this time are written together. */
    static final Duration MIN_STATUS_INTERVAL = Duration.ofMillis(250);

    /** Limits the load if a client deletes each mirror pod at once. */
    static final Duration MIN_CREATION_INTERVAL = Duration.ofMillis(500);

    private static final Duration MIN_REPLACEMENT_INTERVAL = Duration.ofSeconds(10);

    private static final Duration PATCH_BUDGET_RETRY = Duration.ofMillis(100);

    private final MirrorPlannerInput input;
    private final Map<NamespacedName, ApiPod> found = new HashMap<>();
    private final Map<PodName, MirrorState> states = new HashMap<>();
    private final List<MirrorAction> actions = new ArrayList<>();
    private final List<MirrorAction.PatchStatus> patches = new ArrayList<>();
    private final Set<String> triedNamespaces = new HashSet<>();
    private Optional<Instant> due = Optional.empty();

    private MirrorPlanner(MirrorPlannerInput input) {
        this.input = input;
    }

    static MirrorPlan plan(MirrorPlannerInput input) {
        return new MirrorPlanner(input).plan();
    }

    private MirrorPlan plan() {
        input.api().pods().forEach(pod -> found.put(pod.name(), pod));
        Set<NamespacedName> ours = new HashSet<>();
        input.staticPods().stream()
                .sorted(Comparator.comparing(MirroredPod::name))
                .forEach(pod -> {
                    NamespacedName name = NamespacedName.ofMirror(pod.name(), input.node());
                    ours.add(name);
                    states.put(pod.name(), mirror(pod, name));
                });
        List<NamespacedName> clusterPods = new ArrayList<>();
        for (ApiPod pod : input.api().pods()) {
            if (pod.mirrorOf().isEmpty()) {
                clusterPods.add(pod.name());
                confirmDeletion(pod);
            } else if (!ours.contains(pod.name()) && orphaned(pod)) {
                add(new MirrorAction.Delete(pod.name(), pod.uid(), "there is no such static pod"));
            }
        }
        patches.sort(Comparator.comparing(this::patchedBefore));
        actions.addAll(patches.subList(0, Math.min(input.history().patchBudget(), patches.size())));
        if (patches.size() > input.history().patchBudget()) {
            dueAt(input.now().plus(PATCH_BUDGET_RETRY));
        }
        clusterPods.sort(Comparator.naturalOrder());
        return new MirrorPlan(actions, due, states, clusterPods);
    }

    private MirrorState mirror(MirroredPod pod, NamespacedName name) {
        ApiPod mirror = found.get(name);
        if (mirror != null && mirror.mirrorOf().isEmpty()) {
            return new MirrorState.Rejected("the name " + name + " belongs to a pod of the cluster", Optional.empty());
        }
        if (mirror == null) {
            return missing(pod, name);
        }
        Optional<String> replacementReason = replacementReason(pod, mirror);
        if (replacementReason.isPresent()) {
            add(new MirrorAction.Delete(name, mirror.uid(), replacementReason.get()));
            return failure(name)
                    .orElseGet(() -> new MirrorState.Pending("it is recreated because " + replacementReason.get()));
        }
        MirrorState kept = new MirrorState.Created(mirror.uid());
        return pod.content().isEmpty() || isStatusCurrent(pod, mirror)
                ? kept
                : failure(name).orElse(kept);
    }

    /** Returns why a mirror pod must be replaced. */
    private Optional<String> replacementReason(MirroredPod pod, ApiPod mirror) {
        if (mirror.deleting()) {
            return Optional.of("it was deleted");
        }
        if (pod.content().isPresent() && !mirror.mirrorOf().equals(pod.content().map(Pod::uid))) {
            return Optional.of("it shows another version of the pod");
        }
        if (input.nodeUid().isPresent() && !mirror.owner().equals(input.nodeUid())) {
            return Optional.of("it belongs to an earlier Node of this name");
        }
        if (isStatusRejected(mirror)) {
            return Optional.of("the API server rejects the status of the pod for it");
        }
        return edit(pod, mirror);
    }

    /**
     * A node may not update its pods, so an edited mirror pod is replaced. The replacements slow
     * down if a controller of the cluster repeats its edit.
     */
    private Optional<String> edit(MirroredPod pod, ApiPod mirror) {
        Optional<String> edit = pod.content()
                .flatMap(content -> mirror.edits().difference(content.labels(), MirrorPodJson.annotations(content)));
        Optional<Instant> next = edit.flatMap(_ -> memory(mirror.name()).creation())
                .map(creation -> creation.at().plus(creation.minLifetime()));
        if (next.isPresent() && input.now().isBefore(next.get())) {
            dueAt(next.get());
            return Optional.empty();
        }
        return edit;
    }

    /**
     * The API server rejects transitions that it considers impossible, such as a container that
     * runs again after a reboot with the policy Never. A new mirror pod can have any status; the
     * replacement is rare in case that does not help.
     */
    private boolean isStatusRejected(ApiPod mirror) {
        MirrorRecord memory = memory(mirror.name());
        if (memory.failure()
                .filter(failure -> failure.isInvalidStatusOf(mirror.uid()))
                .isEmpty()) {
            return false;
        }
        Instant next = memory.creation()
                .map(creation -> creation.at().plus(MIN_REPLACEMENT_INTERVAL))
                .orElse(input.now());
        if (input.now().isBefore(next)) {
            dueAt(next);
            return false;
        }
        return true;
    }

    private MirrorState missing(MirroredPod pod, NamespacedName name) {
        if (pod.content().isEmpty()) {
            return new MirrorState.Pending("the content of the pod is unknown");
        }
        if (pod.ending()) {
            return new MirrorState.Pending("the pod is terminating");
        }
        if (input.nodeUid().isEmpty()) {
            return new MirrorState.Pending("the cluster has no Node " + input.node() + " to own it");
        }
        Optional<MirrorRecord.Creation> creation = memory(name).creation();
        if (creation.isPresent() && creation.get().version() > input.api().version()) {
            return new MirrorState.Pending("it was created");
        }
        Instant next =
                creation.map(before -> before.at().plus(MIN_CREATION_INTERVAL)).orElse(input.now());
        if (input.now().isBefore(next)) {
            dueAt(next);
            return new MirrorState.Pending("it was deleted");
        }
        Pod content = pod.content().get();
        MirrorFailure noNamespace = input.history().missingNamespaces().get(name.namespace());
        if (noNamespace != null && (input.now().isBefore(noNamespace.nextTry()) || !isFirstInNamespace(name))) {
            dueAt(noNamespace.nextTry());
            return new MirrorState.Rejected(noNamespace.message().orElseThrow(), Optional.of(noNamespace.nextTry()));
        }
        add(new MirrorAction.Create(name, content, input.nodeUid().get(), pod.since()));
        return failure(name).orElseGet(() -> new MirrorState.Pending("it is being created"));
    }

    /** Only one mirror pod checks whether a missing namespace exists, not all of its pods. */
    private boolean isFirstInNamespace(NamespacedName name) {
        return triedNamespaces.add(name.namespace())
                && input.history().records().entrySet().stream()
                        .noneMatch(entry -> entry.getValue().inFlight()
                                && entry.getKey().namespace().equals(name.namespace()));
    }

    /** Returns whether the mirror pod has the current status; otherwise plans a patch. */
    private boolean isStatusCurrent(MirroredPod pod, ApiPod mirror) {
        Optional<MirrorRecord.SentStatus> sent =
                memory(mirror.name()).sent().filter(status -> status.uid().equals(mirror.uid()));
        if (sent.isPresent() && matchesSent(pod, mirror, sent.get())) {
            return true;
        }
        MirrorAction.PatchStatus patch =
                new MirrorAction.PatchStatus(mirror.name(), pod.name(), mirror.uid(), pod.status());
        Instant next = sent.map(status -> status.at().plus(MIN_STATUS_INTERVAL)).orElse(input.now());
        if (input.now().isBefore(next)) {
            dueAt(next);
        } else if (mayTry(patch)) {
            patches.add(patch);
        }
        return false;
    }

    /** An older mirror pod only shows that the watch lags behind. */
    private static boolean matchesSent(MirroredPod pod, ApiPod mirror, MirrorRecord.SentStatus sent) {
        boolean edited = mirror.version() > sent.version() && !mirror.status().equals(sent.theirs());
        return sent.ours().equals(pod.status()) && !edited;
    }

    private Instant patchedBefore(MirrorAction.PatchStatus patch) {
        return memory(patch.name()).sent().map(MirrorRecord.SentStatus::at).orElse(Instant.EPOCH);
    }

    private boolean orphaned(ApiPod mirror) {
        Optional<PodName> name = mirror.name().staticPod(input.node());
        return input.alive().isPresent()
                && (name.isEmpty() || !input.alive().get().contains(name.get()));
    }

    /** A pod that never ran has ended; the API server waits for the node to confirm it. */
    private void confirmDeletion(ApiPod pod) {
        if (pod.deleting() && !pod.started()) {
            add(new MirrorAction.Delete(pod.name(), pod.uid(), "its deletion was requested and it never ran here"));
        }
    }

    private void add(MirrorAction action) {
        if (mayTry(action)) {
            actions.add(action);
        }
    }

    private boolean mayTry(MirrorAction action) {
        MirrorRecord memory = memory(action.name());
        if (memory.inFlight()) {
            return false;
        }
        Optional<Instant> held = memory.failure()
                .map(failure -> failure.waitUntil(action.attempt()))
                .filter(input.now()::isBefore);
        held.ifPresent(this::dueAt);
        return held.isEmpty();
    }

    private Optional<MirrorState> failure(NamespacedName name) {
        return memory(name)
                .failure()
                .filter(failure -> failure.message().isPresent())
                .map(failure -> failure.reason().equals(MirrorFailure.NO_RESPONSE)
                        ? new MirrorState.Pending(failure.message().get())
                        : new MirrorState.Rejected(failure.message().get(), Optional.of(failure.nextTry())));
    }

    private MirrorRecord memory(NamespacedName name) {
        return input.history().records().getOrDefault(name, MirrorRecord.NONE);
    }

    private void dueAt(Instant moment) {
        due = Optional.of(due.filter(moment::isAfter).orElse(moment));
    }
}
