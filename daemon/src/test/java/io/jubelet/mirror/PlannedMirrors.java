/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a {@link MirrorPlanner} plans from, and the actions that it may plan. */
abstract class PlannedMirrors {

    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    static final Instant SINCE = NOW.minusSeconds(100);
    static final PodName WEB = new PodName("default", "web");
    static final PodName DB = new PodName("default", "db");
    static final NamespacedName WEB_MIRROR = new NamespacedName("default", "web-node1");
    static final String OWNER = "node-uid";

    Optional<String> nodeUid = Optional.of(OWNER);
    final List<ApiPod> pods = new ArrayList<>();
    long version = 100;
    final List<MirroredPod> statics = new ArrayList<>();
    Optional<Set<PodName>> alive = Optional.of(Set.of(WEB, DB));
    final Map<NamespacedName, MirrorRecord> records = new HashMap<>();
    final Map<String, MirrorFailure> namespaces = new HashMap<>();
    int patches = 10;
    Instant now = NOW;

    MirrorPlan plan() {
        return MirrorPlanner.plan(new MirrorPlannerInput(
                "node1",
                nodeUid,
                new MirrorPlannerInput.ApiPods(pods, version),
                statics,
                alive,
                new MirrorPlannerInput.History(records, namespaces, patches),
                now));
    }

    Pod runs(PodName name) {
        Pod pod = StaticPods.pod(name, name.name() + "-v1");
        statics.add(new MirroredPod(name, Optional.of(pod), false, SINCE, "running"));
        return pod;
    }

    void ends(PodName name) {
        statics.add(
                new MirroredPod(name, Optional.of(StaticPods.pod(name, name.name() + "-v1")), true, SINCE, "ending"));
    }

    static ApiPod mirror(PodName name, String hash, String owner, boolean deleting, long version, String status) {
        return new ApiPod(
                NamespacedName.ofMirror(name, "node1"),
                name.name() + "-uid",
                version,
                Optional.of(hash),
                Optional.of(owner),
                deleting,
                false,
                status,
                MirrorEdits.NONE);
    }

    static ApiPod good(PodName name) {
        return mirror(name, name.name() + "-v1", OWNER, false, 50, "theirs");
    }

    static ApiPod ofCluster(String name, boolean deleting, boolean begun) {
        return new ApiPod(
                new NamespacedName("default", name),
                name + "-uid",
                50,
                Optional.empty(),
                Optional.empty(),
                deleting,
                begun,
                "",
                MirrorEdits.NONE);
    }

    void patched(PodName name, String ours, String theirs, long at, Instant when) {
        records.put(
                NamespacedName.ofMirror(name, "node1"),
                MirrorRecord.NONE.patched(new MirrorRecord.SentStatus(name.name() + "-uid", ours, theirs, at, when)));
    }

    static MirrorAction delete(String why) {
        return new MirrorAction.Delete(WEB_MIRROR, "web-uid", why);
    }

    static MirrorAction create(Pod pod) {
        return new MirrorAction.Create(NamespacedName.ofMirror(pod.name(), "node1"), pod, OWNER, SINCE);
    }

    static MirrorAction patch(PodName name) {
        return new MirrorAction.PatchStatus(
                NamespacedName.ofMirror(name, "node1"), name, name.name() + "-uid", "running");
    }
}
