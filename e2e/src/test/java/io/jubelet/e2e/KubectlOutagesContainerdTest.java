/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** kubectl on the Kubernetes API of a node without a cluster, while the runtime or the daemon is killed. */
@OnContainerd
@Tag("download")
class KubectlOutagesContainerdTest {

    private static Commands.Running kubectl(DaemonProcess daemon, Path kubeconfig, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ServerProcess.program("jubelet.test.kubectl").toString(),
                "--kubeconfig=" + kubeconfig,
                "--cache-dir=" + daemon.home.resolve("cache")));
        command.addAll(List.of(arguments));
        return Commands.start(command);
    }

    @Test
    void streamsEndWithTheRuntimeAndWithTheDaemon() throws Exception {
        try (OwnContainerd containerd = new OwnContainerd();
                DaemonProcess daemon = new DaemonProcess(
                        containerd.socket(), List.of("--serve-kubernetes-api=127.0.0.1:" + ServerProcess.freePort()))) {
            daemon.start();
            daemon.write("web.yaml", DaemonProcess.pod("web", "nc -ll -p 7777 -e cat & " + DaemonProcess.sleeper()));
            daemon.awaitRunning("web");
            Path kubeconfig = Files.writeString(
                    daemon.home.resolve("kubeconfig"),
                    daemon.jubelet("kubeconfig", "--root-dir", daemon.rootDir.toString())
                            .out());
            for (boolean runtime : new boolean[] {true, false}) {
                Eventually.await(
                        "commands to run", () -> daemon.get("/run/default/web/app?cmd=echo%20done"), "done"::equals);
                ends(daemon, kubeconfig, () -> {
                    if (runtime) {
                        containerd.end("KILL");
                    } else {
                        daemon.kill();
                    }
                });
                if (runtime) {
                    containerd.start();
                } else {
                    daemon.start();
                }
            }
            Eventually.await(
                    "commands to run again", () -> daemon.get("/run/default/web/app?cmd=echo%20done"), "done"::equals);
        }
    }

    private interface Outage {
        void begin() throws IOException, InterruptedException;
    }

    private static void ends(DaemonProcess daemon, Path kubeconfig, Outage outage) throws Exception {
        String pod = "web-" + daemon.node;
        int port = ServerProcess.freePort();
        try (Commands.Running exec =
                        kubectl(daemon, kubeconfig, "exec", "-i", pod, "--", "sh", "-c", "echo begun; exec cat");
                Commands.Running forward = kubectl(daemon, kubeconfig, "port-forward", pod, port + ":7777")) {
            exec.awaitPrinted("begun");
            forward.awaitPrinted("Forwarding from 127.0.0.1:" + port);
            try (Socket connection = new Socket(InetAddress.getLoopbackAddress(), port)) {
                connection.getOutputStream().write('x');
                assertEquals('x', connection.getInputStream().read());
                outage.begin();
                assertNotEquals(0, exec.awaitEnd(), exec::printed);
                assertTrue(exec.printed().contains("error: "), exec::printed);
                assertEquals(-1, connection.getInputStream().read());
                assertEquals(1, forward.awaitEnd(), forward::printed);
                forward.awaitPrinted("error: lost connection to pod");
            }
        }
    }
}
