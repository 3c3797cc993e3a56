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
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kubectl exec, attach, port-forward and cp on a mirror pod, through a real API server. */
@Tag("download")
class StreamsClusterTest extends KubectlNode {

    private static final int MEGABYTES = 100;

    @ParameterizedTest
    @ValueSource(strings = {KUBECTL_36, KUBECTL_20})
    void kubectlReachesContainersAndPorts(String kubectl) throws Exception {
        runsCommandsWithInputExitCodeAndTerminal(kubectl);
        attachesToARunningProcess(kubectl);
        forwardsConnectionsAndSaysWhyOneFails(kubectl);
        if (kubectl.equals(KUBECTL_36)) {
            webSocketsAreNotTranslated();
        }
    }

    /** The node declares that it takes WebSockets, so the API server passes them on. */
    private void webSocketsAreNotTranslated() throws IOException {
        String metrics = cluster.admin("GET", "/metrics", "").toString();
        for (String subresource : List.of("exec", "attach", "portforward")) {
            String counter =
                    "apiserver_websocket_streaming_requests_total{proxy_type=\"proxied_to_kubelet\",subresource=\""
                            + subresource + "\"}";
            assertTrue(metrics.contains(counter), () -> counter + " is missing");
        }
    }

    private void runsCommandsWithInputExitCodeAndTerminal(String kubectl) throws Exception {
        Commands.Outcome both = Commands.run(
                kubectl(kubectl, "exec", pod, "-c", "app", "--", "sh", "-c", "echo out; echo err >&2; exit 7"));
        assertEquals(new Commands.Outcome(7, "out\n", "err\ncommand terminated with exit code 7\n"), both);

        Process cat = start(kubectl(kubectl, "exec", "-i", pod, "-c", "app", "--", "wc", "-c"));
        try (OutputStream in = cat.getOutputStream()) {
            in.write(new byte[3 << 20]); // more than any window
        }
        assertEquals((3 << 20) + "\n", output(cat));
        assertEquals(0, cat.waitFor());

        String terminal = String.join(
                " ",
                kubectl(
                        kubectl,
                        "exec",
                        "-it",
                        pod,
                        "-c",
                        "app",
                        "--",
                        "sh",
                        "-c",
                        "'until stty size | grep 33; do :; done; tty'"));
        String shown =
                Commands.shell(node.daemon.home, "script -qec \"stty rows 33 cols 99; " + terminal + "\" /dev/null");
        assertTrue(shown.contains("/dev/pts/") && shown.contains("33 99"), shown);

        Commands.Outcome absent = Commands.run(kubectl(kubectl, "exec", pod, "-c", "app", "--", "/no/such"));
        assertNotEquals(0, absent.exitCode());
        assertTrue(absent.err().contains("no such file"), absent::toString);
        assertTrue(node.daemon
                .log()
                .contains("exec in /default/" + pod
                        + "/app by user kube-apiserver-kubelet-client at 127.0.0.1: [wc, -c]"));
    }

    private void attachesToARunningProcess(String kubectl) throws Exception {
        Process attached = start(kubectl(kubectl, "attach", "-i", pod, "-c", "reader"));
        try (OutputStream in = attached.getOutputStream()) {
            in.write("one\n".getBytes(StandardCharsets.UTF_8));
            in.flush();
            StringBuilder seen = new StringBuilder();
            while (seen.indexOf("got one") < 0) {
                int next = attached.getInputStream().read();
                assertTrue(next >= 0, seen::toString);
                seen.append((char) next);
            }
        } finally {
            attached.destroyForcibly();
        }
    }

    private void forwardsConnectionsAndSaysWhyOneFails(String kubectl) throws Exception {
        int local = ServerProcess.freePort();
        int closed = ServerProcess.freePort();
        try (Commands.Running forward =
                Commands.start(kubectl(kubectl, "port-forward", "pod/" + pod, local + ":7000", closed + ":7001"))) {
            forward.awaitPrinted("Forwarding from 127.0.0.1:" + closed);
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                sockets.add(new Socket(InetAddress.getLoopbackAddress(), local));
            }
            for (int i = 0; i < sockets.size(); i++) {
                byte[] sent = ("connection " + i).getBytes(StandardCharsets.UTF_8);
                sockets.get(i).getOutputStream().write(sent);
            }
            for (int i = 0; i < sockets.size(); i++) {
                String back = new String(sockets.get(i).getInputStream().readNBytes(12), StandardCharsets.UTF_8);
                assertEquals("connection " + i, back);
                sockets.get(i).close();
            }
            try (Socket refused = new Socket(InetAddress.getLoopbackAddress(), closed)) {
                assertEquals(-1, refused.getInputStream().read());
            }
            forward.awaitPrinted("onnection refused");
        }
    }

    @Test
    void copiesLeaveNothingBehindAsCommandsDo() throws Exception {
        commands(10); // what is loaded and opened once
        List<Long> before = counts();
        copiesALargeFileBothWays();
        commands(30);
        Eventually.await(
                "as many descriptors and threads as before",
                this::counts,
                now -> now.get(0) <= before.get(0) && now.get(1) <= before.get(1) && now.get(2) <= before.get(2));
        debugIsRefusedByTheCluster();
    }

    private void copiesALargeFileBothWays() throws Exception {
        Path file = node.daemon.home.resolve("file");
        Commands.shell(node.daemon.home, "head -c " + MEGABYTES + "M /dev/urandom > " + file);
        Path back = node.daemon.home.resolve("back");
        for (List<String> command : List.of(
                kubectl(KUBECTL_36, "cp", "-c", "app", file.toString(), pod + ":/tmp/copy"),
                kubectl(KUBECTL_36, "cp", "-c", "app", pod + ":/tmp/copy", back.toString()))) {
            Commands.Outcome outcome = Commands.run(command);
            assertEquals(0, outcome.exitCode(), outcome::toString);
        }
        assertEquals(-1, Files.mismatch(file, back));
    }

    private void debugIsRefusedByTheCluster() throws Exception {
        Commands.Outcome refused =
                Commands.run(kubectl(KUBECTL_36, "debug", pod, "--image=docker.io/library/busybox:1", "-it"));
        assertEquals(1, refused.exitCode(), refused::toString);
        assertTrue(refused.err().contains("static pods do not support ephemeral containers"), refused::toString);
    }

    private void commands(int count) throws IOException, InterruptedException {
        Commands.shell(
                node.daemon.home,
                "for i in $(seq " + count + "); do "
                        + String.join(" ", kubectl(KUBECTL_36, "exec", pod, "-c", "app", "--", "true"))
                        + " || exit 1; done");
    }

    /** Descriptors and threads of the daemon, and processes in the container. */
    private List<Long> counts() throws IOException {
        Path daemon = Path.of("/proc/" + node.daemon.pid());
        try (var descriptors = Files.list(daemon.resolve("fd"));
                var threads = Files.list(daemon.resolve("task"))) {
            long processes = Commands.shell(
                            node.daemon.home,
                            String.join(" ", kubectl(KUBECTL_36, "exec", pod, "-c", "app", "--", "ps")))
                    .lines()
                    .count();
            return List.of(descriptors.count(), threads.count(), processes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
