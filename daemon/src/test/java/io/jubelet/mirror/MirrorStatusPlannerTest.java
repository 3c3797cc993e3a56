/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.objects.MirrorState;
import io.jubelet.pod.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How the status of a mirror pod is written, and what follows from rejections. */
class MirrorStatusPlannerTest extends PlannedMirrors {

    // --- refusals

    private MirrorFailure refused(Pod pod, int seconds) {
        return new MirrorFailure(
                create(pod).attempt(), "403Forbidden", Optional.of("exceeded quota"), 1, NOW.plusSeconds(seconds));
    }

    @Test
    void waitsAfterARefusalAndShowsIt() {
        Pod web = runs(WEB);
        Pod db = runs(DB);
        records.put(WEB_MIRROR, MirrorRecord.NONE.failed(refused(web, 8)));
        MirrorPlan plan = plan();
        assertEquals(List.of(create(db)), plan.actions());
        assertEquals(Optional.of(NOW.plusSeconds(8)), plan.due());
        assertEquals(
                new MirrorState.Rejected("exceeded quota", Optional.of(NOW.plusSeconds(8))),
                plan.states().get(WEB));
        now = NOW.plusSeconds(8);
        assertEquals(List.of(create(db), create(web)), plan().actions());
    }

    @Test
    void triesAnotherVersionAtOnce() {
        Pod web = runs(WEB);
        records.put(WEB_MIRROR, MirrorRecord.NONE.failed(refused(web, 8)));
        statics.clear();
        Pod next = StaticPods.pod(WEB, "web-v2");
        statics.add(new MirroredPod(WEB, Optional.of(next), false, SINCE, "running"));
        assertEquals(List.of(create(next)), plan().actions());
    }

    @Test
    void leavesAnApiServerAloneThatAsksForItWhateverChanges() {
        Pod web = runs(WEB);
        records.put(
                WEB_MIRROR,
                MirrorRecord.NONE.failed(MirrorFailure.after(
                        Optional.empty(),
                        create(web).attempt(),
                        "429TooManyRequests",
                        Optional.of("later"),
                        Duration.ofSeconds(5),
                        NOW)));
        statics.clear();
        Pod next = StaticPods.pod(WEB, "web-v2");
        statics.add(new MirroredPod(WEB, Optional.of(next), false, SINCE, "running"));
        MirrorPlan plan = plan();
        assertEquals(List.of(), plan.actions());
        assertEquals(Optional.of(NOW.plusSeconds(5)), plan.due());
        now = NOW.plusSeconds(5);
        assertEquals(List.of(create(next)), plan().actions());
    }

    @Test
    void oneMirrorFindsOutWhetherANamespaceIsThere() {
        Pod db = runs(DB);
        runs(WEB);
        MirrorFailure missing =
                new MirrorFailure("", "NoNamespace", Optional.of("no such namespace"), 1, NOW.plusSeconds(1));
        namespaces.put("default", missing);
        MirrorPlan plan = plan();
        assertEquals(List.of(), plan.actions());
        assertEquals(Optional.of(NOW.plusSeconds(1)), plan.due());
        assertEquals(
                new MirrorState.Rejected("no such namespace", Optional.of(NOW.plusSeconds(1))),
                plan.states().get(WEB));
        now = NOW.plusSeconds(1);
        assertEquals(List.of(create(db)), plan().actions());
        records.put(NamespacedName.ofMirror(DB, "node1"), MirrorRecord.NONE.started());
        assertEquals(List.of(), plan().actions());
    }

    // --- status

    @Test
    void tellsTheStatusOfANewMirror() {
        runs(WEB);
        pods.add(good(WEB));
        assertEquals(List.of(patch(WEB)), plan().actions());
        records.put(
                WEB_MIRROR,
                MirrorRecord.NONE.patched(new MirrorRecord.SentStatus("uid-before", "running", "theirs", 40, NOW)));
        assertEquals(List.of(patch(WEB)), plan().actions());
    }

    @Test
    void tellsAStatusOnce() {
        runs(WEB);
        pods.add(good(WEB));
        patched(WEB, "running", "theirs", 50, SINCE);
        assertEquals(List.of(), plan().actions());
        assertTrue(plan().due().isEmpty());
    }

    @Test
    void aChangeIsToldAtOnceAndTheNextOnesTogether() {
        runs(WEB);
        pods.add(good(WEB));
        patched(WEB, "pending", "theirs", 50, SINCE);
        assertEquals(List.of(patch(WEB)), plan().actions());
        patched(WEB, "pending", "theirs", 50, NOW.minusMillis(50));
        assertEquals(List.of(), plan().actions());
        assertEquals(Optional.of(NOW.plusMillis(200)), plan().due());
    }

    @Test
    void revertsWhatOthersWroteButNotWhatTheWatchHasNotShownYet() {
        runs(WEB);
        patched(WEB, "running", "as agreed", 50, SINCE);
        pods.add(mirror(WEB, "web-v1", OWNER, false, 49, "before"));
        assertEquals(List.of(), plan().actions());
        pods.set(0, mirror(WEB, "web-v1", OWNER, false, 51, "as agreed"));
        assertEquals(List.of(), plan().actions());
        pods.set(0, mirror(WEB, "web-v1", OWNER, false, 51, "forged"));
        assertEquals(List.of(patch(WEB)), plan().actions());
    }

    @Test
    void oldestFirstWhenNotAllMayBeTold() {
        runs(WEB);
        runs(DB);
        pods.add(good(WEB));
        pods.add(good(DB));
        patched(WEB, "pending", "theirs", 50, SINCE);
        patched(DB, "pending", "theirs", 50, SINCE.plusSeconds(1));
        patches = 1;
        assertEquals(List.of(patch(WEB)), plan().actions());
        assertEquals(Optional.of(NOW.plusMillis(100)), plan().due());
    }

    @Test
    void aMirrorThatMayNotHaveItsStatusIsReplacedButNotAllTheTime() {
        runs(WEB);
        pods.add(good(WEB));
        MirrorFailure invalid =
                new MirrorFailure(patch(WEB).attempt(), "422Invalid", Optional.of("no"), 1, NOW.plusSeconds(1));
        records.put(WEB_MIRROR, MirrorRecord.NONE.failed(invalid));
        assertEquals(List.of(delete("the API server rejects the status of the pod for it")), plan().actions());
        records.put(
                WEB_MIRROR, MirrorRecord.NONE.created(50, NOW.minusSeconds(8)).failed(invalid));
        assertEquals(List.of(), plan().actions());
        assertEquals(
                new MirrorState.Rejected("no", Optional.of(NOW.plusSeconds(1))),
                plan().states().get(WEB));
        now = NOW.plusSeconds(1);
        assertEquals(List.of(patch(WEB)), plan().actions());
        now = NOW.plusSeconds(2);
        assertInstanceOf(MirrorAction.Delete.class, plan().actions().getFirst());
    }

    @Test
    void whatWasNotAnsweredWasNotRefused() {
        Pod web = runs(WEB);
        records.put(
                WEB_MIRROR,
                MirrorRecord.NONE.failed(new MirrorFailure(
                        create(web).attempt(),
                        MirrorFailure.NO_RESPONSE,
                        Optional.of("no answer"),
                        1,
                        NOW.plusSeconds(1))));
        assertEquals(new MirrorState.Pending("no answer"), plan().states().get(WEB));
    }

    @Test
    void troubleIsOverWhenTheStatusIsRightAgain() {
        runs(WEB);
        pods.add(good(WEB));
        patched(WEB, "running", "theirs", 50, SINCE);
        records.compute(
                WEB_MIRROR,
                (_, before) -> before.failed(new MirrorFailure(
                        "status web-uid other", "403Forbidden", Optional.of("no"), 1, NOW.plusSeconds(9))));
        assertEquals(new MirrorState.Created("web-uid"), plan().states().get(WEB));
        assertEquals(List.of(), plan().actions());
    }

    @Test
    void deletesAreNotHeldUpByStatuses() {
        runs(WEB);
        pods.add(mirror(WEB, "web-v0", OWNER, false, 50, ""));
        patches = 0;
        assertEquals(1, plan().actions().size());
    }
}
