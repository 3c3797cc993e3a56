/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.e2e.PodWatch.Event;
import io.jubelet.testing.StallAdjustedTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real API server shows of the static pods of a node, and what the pods notice of it: nothing. */
class MirrorPodsClusterTest extends JoinedDaemon {

    private static final String CONFIG = "metadata.annotations[kubernetes.io/config.";

    @Test
    void aRunningPodHasAMirrorAsTheKubeletMakesIt() throws Exception {
        daemon.write(
                "web.yaml",
                DaemonProcess.pod("web", DaemonProcess.sleeper())
                        .replace("  name: web\n", "  name: web\n  labels: {app: web}\n  annotations: {note: mine}\n"));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        JsonObject mirror = awaitReady("web");
        JsonObject shown = new ApiAnswer(200, daemon.get(mirror("web"))).object();
        String hash = shown.text(HASH);
        assertEquals(32, hash.length());
        assertEquals(hash, shown.uid());
        assertEquals(hash, mirror.text(HASH));
        assertEquals(hash, mirror.text(CONFIG + "mirror]"));
        assertEquals("file", mirror.text(CONFIG + "source]"));
        assertTrue(Instant.parse(mirror.text(CONFIG + "seen]")).isBefore(Instant.now()));
        assertEquals("mine", mirror.text("metadata.annotations.note"));
        assertEquals(List.of("app"), mirror.keys("metadata.labels"));
        assertEquals(1, mirror.objects("metadata.ownerReferences").size());
        String owner = "metadata.ownerReferences[0].";
        assertEquals("Node", mirror.text(owner + "kind"));
        assertEquals(cluster.get("/api/v1/nodes/" + daemon.node).uid(), mirror.text(owner + "uid"));
        assertEquals("true", mirror.text(owner + "controller"));
        assertFalse(mirror.has(owner + "blockOwnerDeletion"));
        assertEquals(daemon.node, mirror.text("spec.nodeName"));
        assertEquals("5", mirror.text("spec.terminationGracePeriodSeconds"));
        assertTrue(mirror.objects("spec.tolerations").stream()
                .anyMatch(t -> t.text("effect").equals("NoExecute") && !t.has("key")));
        assertFalse(mirror.has("spec.serviceAccountName"));
        assertFalse(mirror.has("metadata.annotations[jubelet.io/mirror-without]"));
        assertEquals("containerd://" + container.id().value(), mirror.text("status.containerStatuses[0].containerID"));
        assertEquals("Running", mirror.text("status.phase"));
        assertFalse(mirror.has("status.observedGeneration"));
        for (String same : List.of("conditions", "containerStatuses", "podIPs", "hostIPs", "startTime", "qosClass")) {
            assertEquals(
                    shown.text("status." + same) + shown.objects("status." + same),
                    mirror.text("status." + same) + mirror.objects("status." + same),
                    same);
        }
        daemon.await(
                "describe to name it",
                () -> daemon.cliQuietly("describe", "pod", "web")
                        .contains("Mirror:           created with UID " + mirror.uid()));
    }

    // --- creation

    @Test
    void aMirrorComesWithinTwoSecondsOfTheApiServer() throws Exception {
        try (ApiServerProxy proxy = new ApiServerProxy(cluster.apiServer().port())) {
            proxy.to(new ApiServerProxy.Mode.Refuse());
            node.toJoinAt(proxy.url());
            daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
            daemon.start();
            Container container = daemon.awaitRunning("web");
            daemon.await(
                    "the outage to be told", () -> told("web").startsWith("pending: the API server is unreachable"));
            for (int outage = 0; outage < 2; outage++) {
                StallAdjustedTime before = StallAdjustedTime.now();
                proxy.pass();
                assertPromised(before, awaitNext("ADDED", full("web"), null));
                proxy.to(new ApiServerProxy.Mode.Refuse());
                node.force(mirror("web"));
                watch.close();
                watch = new PodWatch(cluster, daemon.node);
            }
            assertUntouched("web", container);
        }
    }

    @Test
    void afterAnOutageMirrorsAreRightWithinFiveSeconds() throws Exception {
        try (ApiServerProxy proxy = new ApiServerProxy(cluster.apiServer().port())) {
            node.toJoinAt(proxy.url());
            for (String pod : List.of("same", "edited", "removed", "crashed")) {
                daemon.write(pod + ".yaml", DaemonProcess.pod(pod, DaemonProcess.sleeper()));
            }
            daemon.start();
            for (String pod : List.of("same", "edited", "removed", "crashed")) {
                awaitReady(pod);
            }
            String uid = awaitReady("same").uid();
            Container same = daemon.awaitRunning("same");
            Container edited = daemon.awaitRunning("edited");
            Container crashed = daemon.awaitRunning("crashed");
            proxy.to(new ApiServerProxy.Mode.Refuse());
            daemon.await("the outage to be seen", () -> told("same").startsWith("pending: "));
            daemon.write("added.yaml", DaemonProcess.pod("added", DaemonProcess.sleeper()));
            daemon.write("edited.yaml", DaemonProcess.pod("edited", DaemonProcess.sleeper() + " # again"));
            daemon.remove("removed.yaml");
            daemon.crash(crashed);
            Container added = daemon.awaitRunning("added");
            Container next = daemon.awaitReplaced("edited", edited);
            Container again = daemon.awaitReplaced("crashed", crashed);
            daemon.awaitGone("removed");
            StallAdjustedTime before = StallAdjustedTime.now();
            proxy.pass();
            awaitContainer("added", added);
            awaitContainer("edited", next);
            awaitContainer("crashed", again);
            cluster.awaitGone(mirror("removed"));
            Duration late = StallAdjustedTime.now().since(before);
            assertTrue(late.compareTo(Duration.ofSeconds(5)) < 0, () -> "after " + late);
            assertEquals(uid, awaitReady("same").uid());
            assertUntouched("same", same);
        }
    }

    /** The API server is stopped, or hangs as one whose process got SIGSTOP; it may be a static pod itself. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manifestsRuleWhileTheApiServerIsAwayAlsoAfterARestart(boolean hangs) throws Exception {
        try (ApiServerProxy proxy = new ApiServerProxy(cluster.apiServer().port())) {
            node.toJoinAt(proxy.url());
            for (String pod : List.of("stays", "changes", "goes")) {
                daemon.write(pod + ".yaml", DaemonProcess.pod(pod, DaemonProcess.sleeper()));
            }
            daemon.start();
            for (String pod : List.of("stays", "changes", "goes")) {
                awaitReady(pod);
            }
            String uid = awaitReady("stays").uid();
            Container stays = daemon.awaitRunning("stays");
            Container changes = daemon.awaitRunning("changes");
            proxy.to(hangs ? new ApiServerProxy.Mode.Hang() : new ApiServerProxy.Mode.Refuse());
            daemon.remove("goes.yaml");
            daemon.write("changes.yaml", DaemonProcess.pod("changes", DaemonProcess.sleeper() + " # again"));
            daemon.write("comes.yaml", DaemonProcess.pod("comes", DaemonProcess.sleeper()));
            Container changed = daemon.awaitReplaced("changes", changes);
            daemon.await(
                    "the old version to be removed",
                    () -> daemon.containers("changes").size() == 1);
            Container comes = daemon.awaitRunning("comes");
            daemon.awaitGone("goes");
            daemon.stop();
            daemon.start();
            daemon.await(
                    "the pods to be shown",
                    () -> daemon.cliQuietly("get", "pods", "--no-headers")
                                    .lines()
                                    .filter(line -> line.contains(" 1/1 "))
                                    .count()
                            == 3);
            assertUntouched("stays", stays);
            assertUntouched("changes", changed);
            assertUntouched("comes", comes);
            proxy.pass();
            awaitContainer("comes", comes);
            awaitContainer("changes", changed);
            cluster.awaitGone(mirror("goes"));
            assertEquals(uid, awaitReady("stays").uid());
        }
    }

    private void awaitContainer(String pod, Container container) {
        cluster.awaitObject(
                mirror(pod),
                "to show container " + container.id(),
                o -> o.text("status.containerStatuses[0].containerID")
                                .endsWith(container.id().value())
                        && o.status("Ready").equals("True"));
    }

    @Test
    void aMirrorOfANewManifestComesAtOnce() throws Exception {
        daemon.start();
        cluster.awaitObject("/api/v1/nodes/" + daemon.node, "to be there", _ -> true);
        StallAdjustedTime before = StallAdjustedTime.now();
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        assertPromised(before, awaitNext("ADDED", full("web"), null));
    }

    // --- deletion by users

    @Test
    void aDeletedMirrorIsBackHoweverAndHoweverOftenItWasDeleted() throws Exception {
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        JsonObject mirror = awaitReady("web");
        Event last = awaitNext("ADDED", full("web"), null);
        for (int i = 0; i < 20; i++) {
            boolean graceful = i % 2 == 0;
            if (graceful) {
                cluster.delete(mirror("web"));
            } else {
                node.force(mirror("web"));
            }
            String uid = mirror.uid();
            Event asked = watch.await(
                    "deletion " + i,
                    event -> event.pod().uid().equals(uid)
                            && (event.type().equals("DELETED") || event.pod().has("metadata.deletionTimestamp")));
            Event back = awaitNext("ADDED", full("web"), last);
            assertPromised(asked, back);
            assertNotEquals(uid, back.pod().uid());
            assertEquals(mirror.text(HASH), back.pod().text(HASH));
            last = back;
            mirror = back.pod();
        }
        JsonObject again = awaitReady("web");
        assertEquals(mirror.uid(), again.uid());
        assertEquals("0", again.text("status.containerStatuses[0].restartCount"));
        assertUntouched("web", container);
    }

    @Test
    void aMirrorThatAFinalizerHoldsIsShownAsTroubleAndComesBackAfterwards() throws Exception {
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        String uid = awaitReady("web").uid();
        cluster.patch(mirror("web"), "{\"metadata\": {\"finalizers\": [\"example.com/hold\"]}}");
        cluster.delete(mirror("web"));
        daemon.await(
                "the finalizer to be suspected",
                () -> told("web").startsWith("rejected: it was deleted but still exists; perhaps it has a finalizer"));
        cluster.patch(mirror("web"), "{\"metadata\": {\"finalizers\": null}}");
        Event gone = awaitNext("DELETED", full("web"), null);
        Event back = awaitNext("ADDED", full("web"), gone);
        assertPromised(gone, back);
        assertNotEquals(uid, back.pod().uid());
        assertUntouched("web", container);
    }

    // --- edits by users

    @Test
    void anEditedMirrorSoonShowsAgainWhatRuns() throws Exception {
        daemon.write(
                "web.yaml",
                DaemonProcess.pod("web", DaemonProcess.sleeper())
                        .replace("  name: web\n", "  name: web\n  labels: {app: web}\n  annotations: {note: mine}\n"));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        JsonObject mirror = awaitReady("web");
        String containers = mirror.objects("spec.containers").toString().replace("busybox:1", "busybox:2");
        for (String edit : List.of(
                "{\"spec\": {\"containers\": " + containers + "}}",
                "{\"metadata\": {\"labels\": {\"app\": \"other\"}}}",
                "{\"metadata\": {\"labels\": {\"more\": \"label\"}}}",
                "{\"metadata\": {\"labels\": {\"app\": null}}}",
                "{\"metadata\": {\"annotations\": {\"note\": \"theirs\"}}}")) {
            Event last = awaitNext("ADDED", full("web"), null);
            String uid = mirror.uid();
            cluster.patch(mirror("web"), edit);
            StallAdjustedTime edited = StallAdjustedTime.now();
            Event back = watch.await(
                    "another mirror after " + edit,
                    event -> event.is("ADDED", full("web"))
                            && event.isAfter(last)
                            && event.at().nanos() > edited.nanos());
            assertPromised(edited, back);
            mirror = back.pod();
            assertNotEquals(uid, mirror.uid());
            assertEquals("docker.io/library/busybox:1", mirror.text("spec.containers[0].image"));
            assertEquals(List.of("app"), mirror.keys("metadata.labels"));
            assertEquals("web", mirror.text("metadata.labels.app"));
            assertEquals("mine", mirror.text("metadata.annotations.note"));
            mirror = awaitReady("web");
        }
        assertUntouched("web", container);
        // Tools of a cluster annotate pods.
        String uid = mirror.uid();
        cluster.patch(mirror("web"), "{\"metadata\": {\"annotations\": {\"example.com/address\": \"192.0.2.1\"}}}");
        daemon.holdsFor(
                "the mirror stays",
                Duration.ofSeconds(2),
                () -> watch.events(event -> event.is("DELETED", full("web"))
                                && event.pod().uid().equals(uid))
                        .isEmpty());
    }

    // --- the manifest

    @Test
    void anEditedPodGetsAnotherMirrorAndARefusedEditDoesNot() throws Exception {
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.start();
        Container first = daemon.awaitRunning("web");
        JsonObject mirror = awaitReady("web");
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper(), "  nonsense: true"));
        daemon.await(
                "the edit to be refused",
                () -> daemon.cliQuietly("get", "manifests").contains("Refused"));
        daemon.holdsFor(
                "the mirror stays",
                Duration.ofSeconds(2),
                () -> watch.events(event -> !event.pod().uid().equals(mirror.uid()))
                        .isEmpty());
        assertUntouched("web", first);
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper() + " # edited"));
        daemon.awaitReplaced("web", first);
        JsonObject next = cluster.awaitObject(
                mirror("web"),
                "to show the edit",
                o -> !o.uid().equals(mirror.uid()) && o.status("Ready").equals("True"));
        assertNotEquals(mirror.text(HASH), next.text(HASH));
        assertTrue(next.toString().contains("# edited"), next::toString);
    }

    @Test
    void aMirrorStaysWhileItsPodEndsAndGoesWithIt() throws Exception {
        daemon.write(
                "web.yaml",
                DaemonProcess.pod("web", "trap 'sleep 3; exit 0' TERM; while :; do sleep 1000 & wait; done"));
        daemon.start();
        daemon.awaitRunning("web");
        awaitReady("web");
        daemon.remove("web.yaml");
        Event deleted = awaitNext("DELETED", full("web"), null);
        assertTrue(daemon.running("web").isEmpty(), "the mirror went before the pod");
        daemon.awaitGone("web");
        assertEquals(List.of(), watch.events(event -> event.is("ADDED", full("web")) && event.isAfter(deleted)));
    }
}
