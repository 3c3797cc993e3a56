/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kubectl exec, attach, port-forward and cp on a mirror pod, through a real API server. */
@Tag("download")
class StreamsClusterTest extends ServingNode {

    private static final String KUBECTL_36 = "jubelet.test.kubectl";
    private static final String KUBECTL_20 = "jubelet.test.kubectl-1.20";

    private static final int MEGABYTES = 100;

    private Path kubeconfig;
    private String pod;

    @BeforeEach
    void startPod() throws Exception {
        CertificateAuthority.Issued serving = cluster.authority().server("serving");
        Path certificate = Files.writeString(node.daemon.home.resolve("serving.crt"), serving.certificatePem());
        Path key = Files.writeString(node.daemon.home.resolve("serving.key"), serving.keyPem());
        node.start(joined("tlsCertFile: " + certificate + "\ntlsPrivateKeyFile: " + key));
        node.daemon.write("web.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: web}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: app
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, "%s"]
                  - name: reader
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    stdin: true
                    command: [sh, -c, "while read line; do echo got $line; done; sleep 1000"]
                  - name: echo
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [nc, -ll, -p, "7000", -e, cat]
                """.formatted(DaemonProcess.sleeper()));
        pod = "web-" + node.name();
        kubeconfig = cluster.apiServer().adminKubeconfig(node.daemon.home.resolve("admin.kubeconfig"));
        cluster.awaitObject(
                "/api/v1/namespaces/default/pods/" + pod,
                "to be ready",
                each -> each.status("Ready").equals("True"));
    }

    private List<String> kubectl(String property, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ServerProcess.program(property).toString(),
                "--kubeconfig=" + kubeconfig,
                "--cache-dir=" + node.daemon.home.resolve(property)));
        command.addAll(List.of(arguments));
        return command;
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {KUBECTL_36, KUBECTL_20})
    void kubectlReachesContainersAndPorts(String kubectl) throws Exception {
        runsCommandsWithInputExitCodeAndTerminal(kubectl);
        attachesToARunningProcess(kubectl);
        forwardsConnectionsAndSaysWhyOneFails(kubectl);
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
        assertTrue(node.daemon.log().contains("exec in /default/" + pod + "/app by 127.0.0.1: [wc, -c]"));
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

    /** Whether a program runs in the container. */
    private boolean runs(String program) throws IOException {
        return answers("pidof", program);
    }

    /** Whether a command in the container succeeds. */
    private boolean answers(String... command) throws IOException {
        try {
            List<String> exec = kubectl(KUBECTL_36, "exec", pod, "-c", "app", "--");
            exec.addAll(List.of(command));
            return Commands.run(exec).exitCode() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** kubectl does not always notice a command whose result does not come, and ends with 0 then, as on any node. */
    @Test
    void streamsEndWithWhatStandsBetween() throws Exception {
        List<String> cat = kubectl(KUBECTL_36, "exec", "-i", pod, "-c", "app", "--", "cat");
        Process client = begun(cat);
        assertTrue(runs("cat"));
        client.destroyForcibly().waitFor();
        Eventually.await("the command to end with its client", () -> !runs("cat"));

        client = begun(cat);
        node.daemon.kill();
        assertTrue(client.waitFor(60, TimeUnit.SECONDS), "the client outlives the daemon");
        node.daemon.start();
        Eventually.await("the daemon to serve", () -> answers("true"));
        Eventually.await("the command to end with the daemon", () -> !runs("cat"));

        client = begun(cat);
        cluster.apiServer().kill();
        try {
            assertTrue(client.waitFor(60, TimeUnit.SECONDS), "the client outlives the API server");
            assertNotEquals(0, client.exitValue(), output(client));
        } finally {
            cluster.apiServer().start();
        }
        Eventually.await("the daemon to serve", () -> answers("true"));
        Eventually.await("the command to end with the API server", () -> !runs("cat"));
    }

    private Process begun(List<String> command) throws IOException {
        Process client = start(command);
        client.getOutputStream().write("x\n".getBytes(StandardCharsets.UTF_8));
        client.getOutputStream().flush();
        String line = "";
        while (!line.endsWith("\n")) {
            int next = client.getInputStream().read();
            assertFalse(next < 0, line);
            line += (char) next;
        }
        assertEquals("x\n", line);
        return client;
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
