package io.jubelet.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.objects.MirrorState;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is done about mirrors follows from what is known, and from nothing else. */
class MirrorPlannerTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant SINCE = NOW.minusSeconds(100);
    private static final PodName WEB = new PodName("default", "web");
    private static final PodName DB = new PodName("default", "db");
    private static final ObjectName WEB_MIRROR = new ObjectName("default", "web-node1");
    private static final String OWNER = "node-uid";

    private Optional<String> nodeUid = Optional.of(OWNER);
    private final List<ApiPod> pods = new ArrayList<>();
    private long version = 100;
    private final List<MirroredPod> statics = new ArrayList<>();
    private Optional<Set<PodName>> alive = Optional.of(Set.of(WEB, DB));
    private final Map<ObjectName, MirrorMemory> memory = new HashMap<>();
    private final Map<String, MirrorTrouble> namespaces = new HashMap<>();
    private int patches = 10;
    private Instant now = NOW;

    private MirrorPlan plan() {
        return MirrorPlanner.plan(
                new MirrorSituation("node1", nodeUid, pods, version, statics, alive, memory, namespaces, patches, now));
    }

    private Pod runs(PodName name) {
        Pod pod = StaticPods.pod(name, name.name() + "-v1");
        statics.add(new MirroredPod(name, Optional.of(pod), false, SINCE, "running"));
        return pod;
    }

    private void ends(PodName name) {
        statics.add(
                new MirroredPod(name, Optional.of(StaticPods.pod(name, name.name() + "-v1")), true, SINCE, "ending"));
    }

    private static ApiPod mirror(
            PodName name, String hash, String owner, boolean leaving, long version, String status) {
        return new ApiPod(
                ObjectName.ofMirror(name, "node1"),
                name.name() + "-uid",
                version,
                Optional.of(hash),
                owner,
                leaving,
                false,
                status);
    }

    private static ApiPod good(PodName name) {
        return mirror(name, name.name() + "-v1", OWNER, false, 50, "theirs");
    }

    private static ApiPod ofCluster(String name, boolean leaving, boolean begun) {
        return new ApiPod(new ObjectName("default", name), name + "-uid", 50, Optional.empty(), "", leaving, begun, "");
    }

    private void patched(PodName name, String ours, String theirs, long at, Instant when) {
        memory.put(
                ObjectName.ofMirror(name, "node1"),
                MirrorMemory.NONE.patched(new MirrorMemory.Sent(name.name() + "-uid", ours, theirs, at, when)));
    }

    private static MirrorAction delete(String why) {
        return new MirrorAction.Delete(WEB_MIRROR, "web-uid", why);
    }

    private static MirrorAction create(Pod pod) {
        return new MirrorAction.Create(ObjectName.ofMirror(pod.name(), "node1"), pod, OWNER, SINCE);
    }

    private static MirrorAction patch(PodName name) {
        return new MirrorAction.PatchStatus(ObjectName.ofMirror(name, "node1"), name, name.name() + "-uid", "running");
    }

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
                new MirrorState.Waiting("the cluster has no Node node1 to own it"),
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
        memory.put(WEB_MIRROR, MirrorMemory.NONE.created(101, NOW.minusSeconds(5)));
        assertEquals(List.of(), plan().actions());
        version = 101;
        assertEquals(List.of(create(web)), plan().actions());
    }

    @Test
    void whoDeletesAMirrorAgainAndAgainMeetsItHalfASecondLater() {
        Pod web = runs(WEB);
        memory.put(WEB_MIRROR, MirrorMemory.NONE.created(90, NOW.minusMillis(100)));
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
                new MirrorState.Refused("the name default/web-node1 belongs to a pod of the cluster", Optional.empty()),
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
            assertEquals(List.of(delete("somebody deleted it")), plan().actions());
        }
    }

    @Test
    void keepsTheMirrorOfAPodWhoseContentIsLost() {
        statics.add(new MirroredPod(WEB, Optional.empty(), false, SINCE, "running"));
        pods.add(good(WEB));
        assertEquals(List.of(), plan().actions());
        assertEquals(new MirrorState.Kept("web-uid"), plan().states().get(WEB));
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
        memory.put(WEB_MIRROR, MirrorMemory.NONE.begun());
        assertEquals(List.of(), plan().actions());
    }

    @Test
    void waitsForADeletionToBeSeenAndAsksAgainLater() {
        runs(WEB);
        pods.add(mirror(WEB, "web-v1", OWNER, true, 50, ""));
        MirrorAction delete = plan().actions().getFirst();
        memory.put(WEB_MIRROR, MirrorMemory.NONE.deleted(delete, NOW));
        assertEquals(List.of(), plan().actions());
        assertEquals(Optional.of(NOW.plusSeconds(1)), plan().due());
        now = NOW.plusSeconds(1);
        assertEquals(List.of(delete), plan().actions());
        memory.put(WEB_MIRROR, memory.get(WEB_MIRROR).deleted(delete, now));
        MirrorState.Refused refused =
                assertInstanceOf(MirrorState.Refused.class, plan().states().get(WEB));
        assertEquals("it was deleted and does not go; perhaps a finalizer holds it", refused.message());
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
        pods.add(new ApiPod(new ObjectName("default", "web-other"), "u", 1, Optional.of("x"), OWNER, false, false, ""));
        assertEquals(
                List.of(new MirrorAction.Delete(
                        new ObjectName("default", "web-other"), "u", "there is no such static pod")),
                plan().actions());
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
                        new ObjectName("default", "a"),
                        new ObjectName("default", "b"),
                        new ObjectName("default", "ran-elsewhen")),
                plan.clusterPods());
    }

    @Test
    void confirmsTheEndOfAPodThatNeverRan() {
        pods.add(ofCluster("a", true, false));
        assertEquals(
                List.of(new MirrorAction.Delete(
                        new ObjectName("default", "a"), "a-uid", "its deletion was asked for, and it never ran here")),
                plan().actions());
    }

    // --- refusals

    private MirrorTrouble refused(Pod pod, int seconds) {
        return new MirrorTrouble(create(pod).about(), "403Forbidden", "exceeded quota", 1, NOW.plusSeconds(seconds));
    }

    @Test
    void waitsAfterARefusalAndShowsIt() {
        Pod web = runs(WEB);
        Pod db = runs(DB);
        memory.put(WEB_MIRROR, MirrorMemory.NONE.failed(refused(web, 8)));
        MirrorPlan plan = plan();
        assertEquals(List.of(create(db)), plan.actions());
        assertEquals(Optional.of(NOW.plusSeconds(8)), plan.due());
        assertEquals(
                new MirrorState.Refused("exceeded quota", Optional.of(NOW.plusSeconds(8))),
                plan.states().get(WEB));
        now = NOW.plusSeconds(8);
        assertEquals(List.of(create(db), create(web)), plan().actions());
    }

    @Test
    void triesAnotherVersionAtOnce() {
        Pod web = runs(WEB);
        memory.put(WEB_MIRROR, MirrorMemory.NONE.failed(refused(web, 8)));
        statics.clear();
        Pod next = StaticPods.pod(WEB, "web-v2");
        statics.add(new MirroredPod(WEB, Optional.of(next), false, SINCE, "running"));
        assertEquals(List.of(create(next)), plan().actions());
    }

    @Test
    void leavesAnApiServerAloneThatAsksForItWhateverChanges() {
        Pod web = runs(WEB);
        memory.put(
                WEB_MIRROR,
                MirrorMemory.NONE.failed(MirrorTrouble.after(
                        Optional.empty(),
                        create(web).about(),
                        "429TooManyRequests",
                        "later",
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
        MirrorTrouble missing = new MirrorTrouble("", "NoNamespace", "no such namespace", 1, NOW.plusSeconds(1));
        namespaces.put("default", missing);
        MirrorPlan plan = plan();
        assertEquals(List.of(), plan.actions());
        assertEquals(Optional.of(NOW.plusSeconds(1)), plan.due());
        assertEquals(
                new MirrorState.Refused("no such namespace", Optional.of(NOW.plusSeconds(1))),
                plan.states().get(WEB));
        now = NOW.plusSeconds(1);
        assertEquals(List.of(create(db)), plan().actions());
        memory.put(ObjectName.ofMirror(DB, "node1"), MirrorMemory.NONE.begun());
        assertEquals(List.of(), plan().actions());
    }

    // --- status

    @Test
    void tellsTheStatusOfANewMirror() {
        runs(WEB);
        pods.add(good(WEB));
        assertEquals(List.of(patch(WEB)), plan().actions());
        memory.put(
                WEB_MIRROR,
                MirrorMemory.NONE.patched(new MirrorMemory.Sent("uid-before", "running", "theirs", 40, NOW)));
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
        MirrorTrouble invalid = new MirrorTrouble(patch(WEB).about(), "422Invalid", "no", 1, NOW.plusSeconds(1));
        memory.put(WEB_MIRROR, MirrorMemory.NONE.failed(invalid));
        assertEquals(List.of(delete("the API server does not let it have the status of the pod")), plan().actions());
        memory.put(
                WEB_MIRROR, MirrorMemory.NONE.created(50, NOW.minusSeconds(8)).failed(invalid));
        assertEquals(List.of(), plan().actions());
        assertEquals(
                new MirrorState.Refused("no", Optional.of(NOW.plusSeconds(1))),
                plan().states().get(WEB));
        now = NOW.plusSeconds(1);
        assertEquals(List.of(patch(WEB)), plan().actions());
        now = NOW.plusSeconds(2);
        assertInstanceOf(MirrorAction.Delete.class, plan().actions().getFirst());
    }

    @Test
    void whatWasNotAnsweredWasNotRefused() {
        Pod web = runs(WEB);
        memory.put(
                WEB_MIRROR,
                MirrorMemory.NONE.failed(new MirrorTrouble(
                        create(web).about(), MirrorTrouble.LOST, "no answer", 1, NOW.plusSeconds(1))));
        assertEquals(new MirrorState.Waiting("no answer"), plan().states().get(WEB));
    }

    @Test
    void troubleIsOverWhenTheStatusIsRightAgain() {
        runs(WEB);
        pods.add(good(WEB));
        patched(WEB, "running", "theirs", 50, SINCE);
        memory.compute(
                WEB_MIRROR,
                (_, before) -> before.failed(
                        new MirrorTrouble("status web-uid other", "403Forbidden", "no", 1, NOW.plusSeconds(9))));
        assertEquals(new MirrorState.Kept("web-uid"), plan().states().get(WEB));
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
