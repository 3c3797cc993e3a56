/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.testing.StallAdjustedTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A control plane that is away for minutes: first its etcd, then its API server, too. */
class OutageClusterTest extends InCluster {

    private static final Duration OUTAGE = Duration.ofSeconds(125);

    /** Until then there is an API server that refuses, which has every back-off grow to its maximum or half a minute. */
    private static final Duration WITHOUT_ETCD = Duration.ofSeconds(45);

    /** So soon the cluster knows everything afterwards; the reference kubelet takes up to a minute. */
    private static final Duration RIGHT_AGAIN = Duration.ofSeconds(5);

    private static String pod(String name, String version) {
        return DaemonProcess.pod(name, DaemonProcess.sleeper())
                .replace("  name: " + name + "\n", "  name: " + name + "\n  labels: {v: " + version + "}\n");
    }

    private void write(String name, String version) throws IOException {
        daemon.write(name + ".yaml", pod(name, version));
    }

    /** What is left of the time in which the cluster is to be right again. */
    private static Duration left(StallAdjustedTime back) {
        return RIGHT_AGAIN.minus(StallAdjustedTime.now().since(back));
    }

    /** That a mirror is right in time: it shows this container as running, so often started again. */
    private JsonObject awaitShown(String pod, Container container, int restarts, StallAdjustedTime back) {
        return node.awaitMirror(
                pod,
                left(back),
                mirror -> JoiningNode.isRunning(mirror)
                        && mirror.text("status.containerStatuses[0].containerID")
                                .endsWith(container.id().value())
                        && JoiningNode.restarts(mirror).equals(Integer.toString(restarts)));
    }

    private int count(String pod, String reason) {
        return node.events(pod + "-" + daemon.node).stream()
                .filter(event -> event.text("reason").equals(reason))
                .mapToInt(event -> Integer.parseInt(event.text("count")))
                .sum();
    }

    private void awaitRunsOn(String pod, Container container, Instant until) {
        daemon.holdsFor(
                pod + " to run on",
                Duration.between(Instant.now(), until),
                () -> daemon.running(pod).stream().anyMatch(c -> c.id().equals(container.id())));
    }

    @Test
    void whateverHappensInMinutesWithoutAControlPlaneTheClusterIsRightSoonAfterwards() throws Exception {
        for (String pod : List.of("stays", "changes", "twice", "goes", "crashes")) {
            write(pod, "one");
        }
        node.join();
        for (String pod : List.of("stays", "changes", "twice", "goes", "crashes")) {
            node.awaitMirror(pod, DaemonProcess.SOON, JoiningNode::isRunning);
        }
        daemon.await("the events before", () -> count("crashes", "Started") == 1);
        Container stays = daemon.awaitRunning("stays");
        Container changes = daemon.awaitRunning("changes");
        Container twice = daemon.awaitRunning("twice");
        Container crashes = daemon.awaitRunning("crashes");
        String kept = cluster.get(node.mirror("stays")).uid();
        String changed = cluster.get(node.mirror("changes")).uid();

        Instant began = Instant.now();
        cluster.apiServer().killEtcd();
        write("comes", "one");
        write("changes", "two");
        write("twice", "two");
        daemon.remove("goes.yaml");
        daemon.crash(crashes);
        Container comes = daemon.awaitRunning("comes");
        Container changedTo = daemon.awaitReplaced("changes", changes);
        Container second = daemon.awaitReplaced("twice", twice);
        Container again = daemon.awaitReplaced("crashes", crashes);
        daemon.awaitGone("goes");
        awaitRunsOn("stays", stays, began.plus(WITHOUT_ETCD));

        cluster.apiServer().kill();
        node.awaitLog("pods keep running without it");
        write("brief", "one");
        daemon.awaitRunning("brief");
        daemon.remove("brief.yaml");
        write("twice", "three");
        Container third = daemon.awaitReplaced("twice", second);
        for (int i = 0; i < 2; i++) {
            daemon.crash(again);
            again = daemon.awaitReplaced("crashes", again);
        }
        daemon.awaitGone("brief");
        awaitRunsOn("stays", stays, began.plus(OUTAGE));

        cluster.apiServer().startEtcd();
        cluster.apiServer().start();
        StallAdjustedTime back = StallAdjustedTime.now();
        Instant since = Instant.now();
        awaitShown("comes", comes, 0, back);
        JsonObject edited = awaitShown("changes", changedTo, 0, back);
        JsonObject editedTwice = awaitShown("twice", third, 0, back);
        awaitShown("crashes", again, 3, back);
        JsonObject same = awaitShown("stays", stays, 0, back);
        for (String gone : List.of("goes", "brief")) {
            daemon.await(gone + " to have no mirror", left(back), () -> node.code(node.mirror(gone)) == 404);
        }
        node.awaitReady(left(back));
        node.awaitRenewed(left(back), since);

        assertEquals("two", edited.text("metadata.labels.v"));
        assertTrue(!edited.uid().equals(changed), edited::toString);
        assertEquals("three", editedTwice.text("metadata.labels.v"));
        assertEquals(kept, same.uid());
        // Events of the meantime are sent as well; repeated ones increase the count of earlier ones.
        daemon.await(
                "the events of the outage",
                () -> count("crashes", "Started") == 4
                        && count("comes", "Started") == 1
                        && count("brief", "Started") == 1
                        && count("brief", "Killing") == 1
                        && count("goes", "Killing") == 1
                        && count("changes", "Started") == 2
                        && count("twice", "Started") == 3);
    }
}
