/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of mirror pods when the node is registered again and when the daemon restarts. */
class MirrorPodsRestartClusterTest extends JoinedDaemon {

    // --- the node

    @Test
    void aNodeThatIsRegisteredAgainOwnsMirrorsOfItsOwn() throws Exception {
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        String uid = awaitReady("web").uid();
        cluster.delete("/api/v1/nodes/" + daemon.node);
        JsonObject next = cluster.awaitObject(
                mirror("web"), "to be another", o -> !o.uid().equals(uid));
        assertEquals(cluster.get("/api/v1/nodes/" + daemon.node).uid(), next.text("metadata.ownerReferences[0].uid"));
        assertUntouched("web", container);
    }

    // --- the daemon

    @Test
    void mirrorsOutliveTheDaemonAndOrphansDoNot() throws Exception {
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.write("gone.yaml", DaemonProcess.pod("gone", DaemonProcess.sleeper()));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        String uid = awaitReady("web").uid();
        awaitReady("gone");
        daemon.kill();
        daemon.remove("gone.yaml");
        cluster.create("/api/v1/namespaces/default/pods", """
            apiVersion: v1
            kind: Pod
            metadata:
              name: %s
              annotations: {kubernetes.io/config.mirror: earlier}
            spec:
              nodeName: %s
              containers: [{name: app, image: none}]
            """.formatted(full("ghost"), daemon.node));
        daemon.start();
        cluster.awaitGone(mirror("ghost"));
        cluster.awaitGone(mirror("gone"));
        daemon.awaitGone("gone");
        daemon.await("the mirror to be known", () -> told("web").equals("created with UID " + uid));
        assertEquals(List.of(), watch.events(event -> event.is("DELETED", full("web"))));
        assertUntouched("web", container);
    }

    @Test
    void noMirrorIsTakenForAnOrphanBeforeTheRuntimeWasListed(@TempDir Path directory) throws Exception {
        Path containerd = RuntimeUnderTest.containerd();
        Path endpoint = Files.createSymbolicLink(directory.resolve("runtime.sock"), containerd);
        use(new DaemonProcess(containerd, endpoint, List.of()));
        node.toJoinAt(cluster.apiServer().url());
        watch.close();
        watch = new PodWatch(cluster, daemon.node);
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        awaitReady("web");
        daemon.kill();
        Files.delete(endpoint);
        daemon.remove("web.yaml");
        daemon.start();
        daemon.holdsFor(
                "the mirror of a pod that may run stays",
                Duration.ofSeconds(5),
                () -> watch.events(event -> event.is("DELETED", full("web"))).isEmpty());
        assertUntouched("web", container);
        Files.createSymbolicLink(endpoint, containerd);
        awaitNext("DELETED", full("web"), null);
        assertTrue(daemon.running("web").isEmpty(), "the mirror went before the pod");
    }
}
