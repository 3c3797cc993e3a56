/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.jubelet.objects.MirrorState;
import io.jubelet.pod.Pod;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is done about mirrors follows from what is known, and from nothing else. */
class MirrorPlannerTest extends PlannedMirrors {

    // --- creation

    @Test
    void createsWhatIsMissing() {
        Pod web = runs(WEB);
        Pod db = runs(DB);
        assertEquals(List.of(create(db), create(web)), plan().actions());
    }

    @Test
    void createsNothingWithoutANodeToOwnIt() {
        runs(WEB);
        nodeUid = Optional.empty();
        assertEquals(List.of(), plan().actions());
        assertEquals(
                new MirrorState.Pending("the cluster has no Node node1 to own it"),
                plan().states().get(WEB));
    }

    @Test
    void createsNothingForAPodThatEndsOrWhoseContentIsLost() {
        ends(WEB);
        statics.add(new MirroredPod(DB, Optional.empty(), false, SINCE, "running"));
        assertEquals(List.of(), plan().actions());
    }

    @Test
    void doesNotCreateAgainBeforeTheWatchHasCome() {
        Pod web = runs(WEB);
        records.put(WEB_MIRROR, MirrorRecord.NONE.created(101, NOW.minusSeconds(5)));
        assertEquals(List.of(), plan().actions());
        version = 101;
        assertEquals(List.of(create(web)), plan().actions());
    }

    @Test
    void whoDeletesAMirrorAgainAndAgainMeetsItHalfASecondLater() {
        Pod web = runs(WEB);
        records.put(WEB_MIRROR, MirrorRecord.NONE.created(90, NOW.minusMillis(100)));
        assertEquals(List.of(), plan().actions());
        assertEquals(Optional.of(NOW.plusMillis(400)), plan().due());
        now = NOW.plusMillis(400);
        assertEquals(List.of(create(web)), plan().actions());
    }

    @Test
    void leavesAForeignPodOfTheSameNameAlone() {
        runs(WEB);
        pods.add(ofCluster("web-node1", false, false));
        assertEquals(List.of(), plan().actions());
        assertEquals(
                new MirrorState.Rejected(
                        "the name default/web-node1 belongs to a pod of the cluster", Optional.empty()),
                plan().states().get(WEB));
    }

    // --- what cannot stay

    @Test
    void deletesAMirrorOfAnotherVersion() {
        runs(WEB);
        pods.add(mirror(WEB, "web-v0", OWNER, false, 50, ""));
        assertEquals(List.of(delete("it shows another version of the pod")), plan().actions());
    }

    @Test
    void deletesAMirrorOfAnEarlierNodeOnlyWhenThereIsAnother() {
        runs(WEB);
        pods.add(mirror(WEB, "web-v1", "earlier", false, 50, ""));
        assertEquals(List.of(delete("it belongs to an earlier Node of this name")), plan().actions());
        nodeUid = Optional.empty();
        assertEquals(List.of(patch(WEB)), plan().actions());
    }

    @Test
    void neverLetsATerminatingMirrorStay() {
        pods.add(mirror(WEB, "web-v1", OWNER, true, 50, ""));
        for (boolean ending : List.of(false, true)) {
            statics.clear();
            if (ending) {
                ends(WEB);
            } else {
                runs(WEB);
            }
            assertEquals(List.of(delete("it was deleted")), plan().actions());
        }
    }

    @Test
    void keepsTheMirrorOfAPodWhoseContentIsLost() {
        statics.add(new MirroredPod(WEB, Optional.empty(), false, SINCE, "running"));
        pods.add(good(WEB));
        assertEquals(List.of(), plan().actions());
        assertEquals(new MirrorState.Created("web-uid"), plan().states().get(WEB));
    }

    @Test
    void keepsTheMirrorWhileThePodEnds() {
        ends(WEB);
        pods.add(good(WEB));
        patched(WEB, "ending", "theirs", 50, SINCE);
        assertEquals(List.of(), plan().actions());
    }

    @Test
    void asksForOneThingAtATime() {
        runs(WEB);
        pods.add(mirror(WEB, "web-v0", OWNER, false, 50, ""));
        records.put(WEB_MIRROR, MirrorRecord.NONE.started());
        assertEquals(List.of(), plan().actions());
    }

    @Test
    void waitsForADeletionToBeSeenAndAsksAgainLater() {
        runs(WEB);
        pods.add(mirror(WEB, "web-v1", OWNER, true, 50, ""));
        MirrorAction delete = plan().actions().getFirst();
        records.put(WEB_MIRROR, MirrorRecord.NONE.deleted(delete, NOW));
        assertEquals(List.of(), plan().actions());
        assertEquals(Optional.of(NOW.plusSeconds(1)), plan().due());
        now = NOW.plusSeconds(1);
        assertEquals(List.of(delete), plan().actions());
        records.put(WEB_MIRROR, records.get(WEB_MIRROR).deleted(delete, now));
        MirrorState.Rejected refused =
                assertInstanceOf(MirrorState.Rejected.class, plan().states().get(WEB));
        assertEquals("it was deleted but still exists; perhaps it has a finalizer", refused.message());
        assertEquals(Optional.of(NOW.plusSeconds(3)), refused.retryAt());
    }

    // --- orphans

    @Test
    void deletesOrphansOnceItIsKnownWhatIsThere() {
        pods.add(good(WEB));
        alive = Optional.empty();
        assertEquals(List.of(), plan().actions());
        alive = Optional.of(Set.of(WEB));
        assertEquals(List.of(), plan().actions());
        alive = Optional.of(Set.of(DB));
        assertEquals(List.of(delete("there is no such static pod")), plan().actions());
        nodeUid = Optional.empty();
        assertEquals(List.of(delete("there is no such static pod")), plan().actions());
    }

    @Test
    void deletesAMirrorThatNoPodOfThisNodeCanHave() {
        pods.add(new ApiPod(
                new NamespacedName("default", "web-other"),
                "u",
                1,
                Optional.of("x"),
                Optional.of(OWNER),
                false,
                false,
                "",
                MirrorEdits.NONE));
        assertEquals(
                List.of(new MirrorAction.Delete(
                        new NamespacedName("default", "web-other"), "u", "there is no such static pod")),
                plan().actions());
    }

    // --- edits of clients

    private static ApiPod edited(MirrorEdits edits) {
        ApiPod good = good(WEB);
        return new ApiPod(
                good.name(),
                good.uid(),
                good.version(),
                good.mirrorOf(),
                good.owner(),
                false,
                true,
                good.status(),
                edits);
    }

    @Test
    void replacesAMirrorThatWasEdited() {
        runs(WEB);
        patched(WEB, "running", "theirs", 50, NOW);
        pods.add(edited(new MirrorEdits(Optional.of("kubectl-set"), true, Set.of(), Set.of())));
        assertEquals(List.of(delete("its spec was edited by kubectl-set")), plan().actions());
        assertEquals(
                new MirrorState.Pending("it is recreated because its spec was edited by kubectl-set"),
                plan().states().get(WEB));
    }

    @Test
    void slowsDownWhenAMirrorIsEditedAgainAndAgain() {
        runs(WEB);
        pods.add(edited(new MirrorEdits(Optional.of("fighter"), true, Set.of(), Set.of())));
        MirrorRecord record = MirrorRecord.NONE;
        for (int i = 0; i < 9; i++) {
            record = record.created(40, NOW);
        }
        patched(WEB, "running", "theirs", 50, NOW);
        MirrorRecord.SentStatus sent = records.get(WEB_MIRROR).sent().orElseThrow();
        records.put(WEB_MIRROR, record.patched(sent));
        assertEquals(List.of(delete("its spec was edited by fighter")), plan().actions());
        records.put(WEB_MIRROR, record.created(40, NOW).patched(sent));
        assertEquals(List.of(), plan().actions());
        assertEquals(Optional.of(NOW.plusSeconds(1)), plan().due());
        assertEquals(new MirrorState.Created("web-uid"), plan().states().get(WEB));
        records.put(
                WEB_MIRROR,
                record.created(40, NOW).created(40, NOW.plusSeconds(121)).patched(sent));
        now = NOW.plusSeconds(121);
        assertEquals(List.of(delete("its spec was edited by fighter")), plan().actions());
    }

    // --- pods of the cluster

    @Test
    void countsPodsOfTheClusterAndLeavesThemAlone() {
        pods.add(ofCluster("b", false, false));
        pods.add(ofCluster("a", false, true));
        pods.add(ofCluster("ran-elsewhen", true, true));
        MirrorPlan plan = plan();
        assertEquals(List.of(), plan.actions());
        assertEquals(
                List.of(
                        new NamespacedName("default", "a"),
                        new NamespacedName("default", "b"),
                        new NamespacedName("default", "ran-elsewhen")),
                plan.clusterPods());
    }

    @Test
    void confirmsTheEndOfAPodThatNeverRan() {
        pods.add(ofCluster("a", true, false));
        assertEquals(
                List.of(new MirrorAction.Delete(
                        new NamespacedName("default", "a"),
                        "a-uid",
                        "its deletion was requested and it never ran here")),
                plan().actions());
    }
}
