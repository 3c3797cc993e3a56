/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.e2e.PodWatch.Event;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the cluster schedules to a node that runs static pods only. */
class ForeignPodsClusterTest extends JoinedDaemon {

    private static final String PODS = "/api/v1/namespaces/default/pods";

    /** A pod that is scheduled to a node through the API server. */
    static String pod(String name, String node) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  nodeName: %s
                  containers: [{name: app, image: "docker.io/library/busybox:1"}]
                """.formatted(name, node);
    }

    private boolean footer(String text) {
        return daemon.cliQuietly("get", "pods").contains(text);
    }

    @Test
    void theyAreCountedAndNamedAndNotRun() throws IOException {
        daemon.start();
        cluster.create(PODS, pod("one", daemon.node));
        daemon.await(
                "the footer to name it",
                () -> footer("! 1 pod of the cluster is scheduled to this node and not run here: default/one\n"));
        cluster.create(PODS, pod("another", daemon.node));
        daemon.await(
                "the footer to name both",
                () -> footer("! 2 pods of the cluster are scheduled to this node and not run here:"
                        + " default/another, default/one\n"));
        cluster.awaitObject(
                "/api/v1/nodes/" + daemon.node,
                "to name both",
                node -> node.status("Ready").equals("True")
                        && node.objects("status.conditions").toString().contains("default/another, default/one"));
        assertEquals("Pending", cluster.get(PODS + "/one").text("status.phase"));
        node.force(PODS + "/one");
        node.force(PODS + "/another");
        daemon.await("the footer to be gone", () -> !footer("of the cluster"));
    }

    /** More than a page, and 30 MB, of which the daemon stores only names. */
    @Test
    void manyLargePodsAreReadInPages() throws Exception {
        String annotations = "metadata: {annotations: {large: " + "x".repeat(250_000) + "}, ";
        for (int i = 0; i < 120; i++) {
            cluster.create(PODS, pod("large-" + i, daemon.node).replace("metadata: {", annotations));
        }
        daemon.start();
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.await("all to be counted", () -> footer("! 120 pods of the cluster"));
        node.awaitMirror("web", DaemonProcess.SOON, JoiningNode::isRunning);
        assertTrue(!daemon.log().contains("OutOfMemory"), daemon::log);
        ApiAnswer deleted =
                cluster.admin("DELETE", PODS + "?gracePeriodSeconds=0&fieldSelector=status.phase=Pending", null);
        assertTrue(deleted.ok(), deleted::toString);
    }

    @Test
    void deletionIsConfirmedUnlessAPodHasRun() throws IOException {
        daemon.start();
        cluster.create(PODS, pod("never", daemon.node));
        cluster.create(PODS, pod("ran", daemon.node));
        cluster.patch(PODS + "/ran/status", "{\"status\": {\"startTime\": \"2026-01-01T00:00:00Z\"}}");
        daemon.await("both to be known", () -> footer("! 2 pods of the cluster"));
        cluster.delete(PODS + "/ran");
        cluster.delete(PODS + "/never");
        Event asked = watch.await(
                "the deletion",
                event -> event.pod().name().equals("never") && event.pod().has("metadata.deletionTimestamp"));
        assertPromised(asked, awaitNext("DELETED", "never", null));
        daemon.holdsFor(
                "what may run stays",
                Duration.ofSeconds(2),
                () -> watch.events(event -> event.is("DELETED", "ran")).isEmpty());
        assertTrue(cluster.get(PODS + "/ran").has("metadata.deletionTimestamp"));
        node.force(PODS + "/ran");
    }
}
