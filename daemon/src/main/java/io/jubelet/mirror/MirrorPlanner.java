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
 * Decides which mirrors are deleted, created, and told their status. Pure.
 *
 * <p>Source: {@code tryReconcileMirrorPods}, {@code deleteOrphanedMirrorPods} and the status manager of the kubelet; faster than
 * they are, and never without the UID of what is deleted.
 */
final class MirrorPlanner {

    /** Changes of one pod that come sooner after one another are told together. */
    static final Duration STATUS_GAP = Duration.ofMillis(250);

    /** Somebody who deletes a mirror whenever it comes shall not keep the API server busy. */
    static final Duration CREATION_GAP = Duration.ofMillis(500);

    private static final Duration REPLACEMENT_GAP = Duration.ofSeconds(10);

    private static final Duration NO_PATCH_LEFT = Duration.ofMillis(100);

    private final MirrorPlannerInput now;
    private final Map<NamespacedName, ApiPod> found = new HashMap<>();
    private final Map<PodName, MirrorState> states = new HashMap<>();
    private final List<MirrorAction> actions = new ArrayList<>();
    private final List<MirrorAction.PatchStatus> patches = new ArrayList<>();
    private final Set<String> tried = new HashSet<>();
    private Optional<Instant> due = Optional.empty();

    private MirrorPlanner(MirrorPlannerInput now) {
        this.now = now;
    }

    static MirrorPlan plan(MirrorPlannerInput situation) {
        return new MirrorPlanner(situation).plan();
    }

    private MirrorPlan plan() {
        now.pods().forEach(pod -> found.put(pod.name(), pod));
        Set<NamespacedName> ours = new HashSet<>();
        now.statics().stream().sorted(Comparator.comparing(MirroredPod::name)).forEach(pod -> {
            NamespacedName name = NamespacedName.ofMirror(pod.name(), now.node());
            ours.add(name);
            states.put(pod.name(), mirror(pod, name));
        });
        List<NamespacedName> clusterPods = new ArrayList<>();
        for (ApiPod pod : now.pods()) {
            if (pod.mirrorOf().isEmpty()) {
                clusterPods.add(pod.name());
                confirmEnd(pod);
            } else if (!ours.contains(pod.name()) && orphaned(pod)) {
                act(new MirrorAction.Delete(pod.name(), pod.uid(), "there is no such static pod"));
            }
        }
        patches.sort(Comparator.comparing(this::patchedBefore));
        actions.addAll(patches.subList(0, Math.min(now.patches(), patches.size())));
        if (patches.size() > now.patches()) {
            dueAt(now.now().plus(NO_PATCH_LEFT));
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
        Optional<String> wrong = wrong(pod, mirror);
        if (wrong.isPresent()) {
            act(new MirrorAction.Delete(name, mirror.uid(), wrong.get()));
            return trouble(name).orElseGet(() -> new MirrorState.Pending("it is made anew, for " + wrong.get()));
        }
        MirrorState kept = new MirrorState.Created(mirror.uid());
        return pod.content().isEmpty() || tellsStatus(pod, mirror)
                ? kept
                : trouble(name).orElse(kept);
    }

    /** Why a mirror cannot stay as it is. */
    private Optional<String> wrong(MirroredPod pod, ApiPod mirror) {
        if (mirror.leaving()) {
            return Optional.of("somebody deleted it");
        }
        if (pod.content().isPresent() && !mirror.mirrorOf().equals(pod.content().map(Pod::uid))) {
            return Optional.of("it shows another version of the pod");
        }
        if (now.nodeUid().isPresent() && !mirror.owner().equals(now.nodeUid().get())) {
            return Optional.of("it belongs to an earlier Node of this name");
        }
        if (mayNotHaveStatus(mirror)) {
            return Optional.of("the API server does not let it have the status of the pod");
        }
        return Optional.empty();
    }

    /**
     * The API server refuses what it takes for impossible, such as a container that runs again after a reboot where the policy
     * is Never. A new mirror may have any status; where not even that helps, it is not tried often.
     */
    private boolean mayNotHaveStatus(ApiPod mirror) {
        MirrorRecord memory = memory(mirror.name());
        if (memory.trouble()
                .filter(trouble -> trouble.isInvalidStatusOf(mirror.uid()))
                .isEmpty()) {
            return false;
        }
        Instant next =
                memory.made().map(made -> made.at().plus(REPLACEMENT_GAP)).orElse(now.now());
        if (now.now().isBefore(next)) {
            dueAt(next);
            return false;
        }
        return true;
    }

    private MirrorState missing(MirroredPod pod, NamespacedName name) {
        if (pod.content().isEmpty()) {
            return new MirrorState.Pending("the content of the pod was lost");
        }
        if (pod.ending()) {
            return new MirrorState.Pending("the pod ends");
        }
        if (now.nodeUid().isEmpty()) {
            return new MirrorState.Pending("the cluster has no Node " + now.node() + " to own it");
        }
        Optional<MirrorRecord.Made> made = memory(name).made();
        if (made.isPresent() && made.get().version() > now.version()) {
            return new MirrorState.Pending("it was created");
        }
        Instant next = made.map(before -> before.at().plus(CREATION_GAP)).orElse(now.now());
        if (now.now().isBefore(next)) {
            dueAt(next);
            return new MirrorState.Pending("somebody deleted it");
        }
        Pod content = pod.content().get();
        MirrorFailure noNamespace = now.namespaces().get(name.namespace());
        if (noNamespace != null && (now.now().isBefore(noNamespace.nextTry()) || !first(name))) {
            dueAt(noNamespace.nextTry());
            return new MirrorState.Rejected(noNamespace.message(), Optional.of(noNamespace.nextTry()));
        }
        act(new MirrorAction.Create(name, content, now.nodeUid().get(), pod.since()));
        return trouble(name).orElseGet(() -> new MirrorState.Pending("it is being created"));
    }

    /** One mirror finds out whether a namespace is there by now, not all that are to be in it. */
    private boolean first(NamespacedName name) {
        return tried.add(name.namespace())
                && now.memory().entrySet().stream()
                        .noneMatch(entry -> entry.getValue().busy()
                                && entry.getKey().namespace().equals(name.namespace()));
    }

    /** Whether the mirror has the status of the pod; else it is seen to that it gets it. */
    private boolean tellsStatus(MirroredPod pod, ApiPod mirror) {
        Optional<MirrorRecord.Sent> sent =
                memory(mirror.name()).sent().filter(status -> status.uid().equals(mirror.uid()));
        if (sent.isPresent() && asSent(pod, mirror, sent.get())) {
            return true;
        }
        MirrorAction.PatchStatus patch =
                new MirrorAction.PatchStatus(mirror.name(), pod.name(), mirror.uid(), pod.status());
        Instant next = sent.map(status -> status.at().plus(STATUS_GAP)).orElse(now.now());
        if (now.now().isBefore(next)) {
            dueAt(next);
        } else if (mayTry(patch)) {
            patches.add(patch);
        }
        return false;
    }

    /** A mirror older than what we wrote only shows that the watch has not come so far. */
    private static boolean asSent(MirroredPod pod, ApiPod mirror, MirrorRecord.Sent sent) {
        boolean edited = mirror.version() > sent.version() && !mirror.status().equals(sent.theirs());
        return sent.ours().equals(pod.status()) && !edited;
    }

    private Instant patchedBefore(MirrorAction.PatchStatus patch) {
        return memory(patch.name()).sent().map(MirrorRecord.Sent::at).orElse(Instant.EPOCH);
    }

    private boolean orphaned(ApiPod mirror) {
        Optional<PodName> name = mirror.name().staticPod(now.node());
        return now.alive().isPresent() && (name.isEmpty() || !now.alive().get().contains(name.get()));
    }

    /** What never ran has ended; the API server waits for its node to say so. */
    private void confirmEnd(ApiPod pod) {
        if (pod.leaving() && !pod.begun()) {
            act(new MirrorAction.Delete(pod.name(), pod.uid(), "its deletion was asked for, and it never ran here"));
        }
    }

    private void act(MirrorAction action) {
        if (mayTry(action)) {
            actions.add(action);
        }
    }

    private boolean mayTry(MirrorAction action) {
        MirrorRecord memory = memory(action.name());
        if (memory.busy()) {
            return false;
        }
        Optional<Instant> held =
                memory.trouble().map(trouble -> trouble.holds(action.about())).filter(now.now()::isBefore);
        held.ifPresent(this::dueAt);
        return held.isEmpty();
    }

    private Optional<MirrorState> trouble(NamespacedName name) {
        return memory(name)
                .trouble()
                .filter(trouble -> !trouble.message().isEmpty())
                .map(trouble -> trouble.reason().equals(MirrorFailure.LOST)
                        ? new MirrorState.Pending(trouble.message())
                        : new MirrorState.Rejected(trouble.message(), Optional.of(trouble.nextTry())));
    }

    private MirrorRecord memory(NamespacedName name) {
        return now.memory().getOrDefault(name, MirrorRecord.NONE);
    }

    private void dueAt(Instant moment) {
        due = Optional.of(due.filter(moment::isAfter).orElse(moment));
    }
}
