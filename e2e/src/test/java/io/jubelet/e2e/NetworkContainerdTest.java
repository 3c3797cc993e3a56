/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.node.NodeAddresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ports and addresses of pods on real containerd, as clients see them. */
class NetworkContainerdTest extends NetworkedPods {

    // --- ports

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** An address of this machine that others reach it by; not of a bridge that comes and goes with pods. */
    static String here() {
        return NodeAddresses.ofHost(() -> {}).get().stream()
                .filter(ip -> !ip.contains(":"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("this machine has no address"));
    }

    /** The text that a server at a port sends; empty if the port refuses connections. */
    static String said(String address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 1000);
            socket.setSoTimeout(1000);
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.substring(answer.indexOf("\r\n\r\n") + 4);
        } catch (IOException e) {
            return "";
        }
    }

    private static String serving(String name, String ports) {
        return pod(name, web("hello from " + name)) + "    ports: " + ports + "\n";
    }

    /** A script that serves a page until it is stopped. */
    private static String web(String page) {
        return "mkdir /tmp/www; echo " + page + " > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www";
    }

    @Test
    void aHostPortLeadsIntoThePodAndIsClosedWithIt() throws Exception {
        start();
        int port = freePort();
        daemon.write("web.yaml", serving("web", "[{containerPort: 8080, hostPort: %s}]".formatted(port)));
        daemon.awaitRunning("web");
        daemon.await("an answer", () -> said(here(), port).equals("hello from web\n"));
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals("", said(here(), port));
    }

    @Test
    void aHostIpOpensThePortAtThatAddressAlone() throws Exception {
        start();
        int port = freePort();
        daemon.write(
                "one.yaml",
                serving("one", "[{containerPort: 8080, hostPort: %s, hostIP: %s}]".formatted(port, here())));
        daemon.write(
                "two.yaml", serving("two", "[{containerPort: 8080, hostPort: %s, hostIP: 127.0.0.1}]".formatted(port)));
        daemon.awaitRunning("one");
        daemon.awaitRunning("two");
        daemon.await("an answer of one", () -> said(here(), port).equals("hello from one\n"));
        daemon.await("an answer of two", () -> said("127.0.0.1", port).equals("hello from two\n"));
    }

    @Test
    void aSidecarHasHostPortsToo() throws Exception {
        start();
        int port = freePort();
        daemon.write("side.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: side}
                spec:
                  terminationGracePeriodSeconds: 0
                  initContainers:
                  - name: proxy
                    image: docker.io/library/busybox:1
                    restartPolicy: Always
                    command: [sh, -c, "%s"]
                    ports: [{containerPort: 8080, hostPort: %s}]
                  containers:
                  - name: app
                    image: docker.io/library/busybox:1
                    command: [sleep, "1000"]
                """.formatted(web("hello"), port));
        daemon.await("an answer", () -> said(here(), port).equals("hello\n"));
    }

    @Test
    void portsThatCannotBeAreRefusedBeforeAnythingIsStopped() throws Exception {
        start();
        int port = freePort();
        daemon.write("web.yaml", serving("web", "[{containerPort: 8080, hostPort: %s}]".formatted(port)));
        Container before = daemon.awaitRunning("web");
        for (String ports : List.of(
                "[{containerPort: 8080, hostPort: 65536}]",
                "[{containerPort: 8080, hostPort: 80, hostIP: example.com}]",
                "[{containerPort: 8080, hostPort: 80}, {containerPort: 8081, hostPort: 80}]")) {
            daemon.write("web.yaml", serving("web", ports));
            daemon.await(
                    "the refusal", () -> daemon.cliQuietly("get", "manifests").contains("Refused"));
            daemon.holdsFor(
                    "the pod that runs",
                    Duration.ofSeconds(1),
                    () -> daemon.running("web").equals(List.of(before)));
            daemon.write("web.yaml", serving("web", "[{containerPort: 8080, hostPort: %s}]".formatted(port)));
            daemon.await(
                    "acceptance", () -> daemon.cliQuietly("get", "manifests").contains("Accepted"));
        }
        assertEquals(before.id(), daemon.awaitRunning("web").id());
    }

    // --- the network of the runtime

    private static boolean hasNetwork(DaemonProcess daemon) {
        return daemon.runtime().status(false).condition("NetworkReady").status();
    }

    @Test
    void withoutANetworkOnlyPodsThatNeedOneWaitAndSayWhy() throws Exception {
        try (OwnContainerd containerd = new OwnContainerd()) {
            containerd.startWithoutNetwork();
            daemon = new DaemonProcess(containerd.socket(), List.of());
            daemon.await("the runtime without a network", () -> !hasNetwork(daemon));
            daemon.start();
            daemon.write("host.yaml", pod("host", sleeper(), "  hostNetwork: true"));
            daemon.write("own.yaml", pod("own", sleeper()));
            daemon.awaitRunning("host");
            String words = "network is not ready: container runtime network not ready: NetworkReady=false"
                    + " reason:NetworkPluginNotReady message:";
            daemon.await("the event", () -> events("own").matches("(?s).*Warning +NetworkNotReady .*" + words + ".*"));
            daemon.await(
                    "the table",
                    () -> daemon.cliQuietly("get", "pods", "--no-headers").contains("NetworkNotReady"));
            assertTrue(daemon.cli("describe", "pod", "own").contains(words));
            assertTrue(daemon.running("own").isEmpty());
            containerd.giveNetwork();
            daemon.awaitRunning("own");
            daemon.close();
            daemon = null;
        }
    }

    @Test
    void aPodHasAnAddressOfEachFamilyThatOfTheNodeFirst() throws Exception {
        try (OwnContainerd containerd = new OwnContainerd()) {
            Path net = containerd.socket().resolveSibling("net.d");
            Commands.shell(
                    net,
                    "sed -i 's/\"ranges\": \\(.*\\)]/\"ranges\": \\1, [{\"subnet\": \"fd5c:73::\\/64\"}]]/' *.conflist");
            for (String nodeIp : List.of("192.0.2.7", "fd00::7")) {
                daemon = new DaemonProcess(containerd.socket(), List.of("--node-ip=" + nodeIp));
                daemon.await(
                        "the runtime to know of the second range",
                        () -> daemon.runtime().status(true).info().toString().contains("fd5c:73"));
                daemon.start();
                String own = pod("own", told("echo $IPS; tail -n 2 /etc/hosts | cut -f 1"), NEVER)
                        + "    env: [{name: IPS, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}]\n";
                daemon.write("own.yaml", own);
                List<String> lines = output("own").lines().toList();
                List<String> ips = List.of(lines.getFirst().split(","));
                assertEquals(2, ips.size(), lines::toString);
                assertEquals(nodeIp.contains(":"), ips.getFirst().contains(":"), lines::toString);
                assertEquals(!nodeIp.contains(":"), ips.getLast().contains(":"), lines::toString);
                assertEquals(ips, lines.subList(1, 3));
                daemon.write("stays.yaml", pod("stays", sleeper()));
                daemon.awaitRunning("stays");
                daemon.await(
                        "its addresses",
                        () -> api("stays")
                                .matches(
                                        nodeIp.contains(":")
                                                ? "(?s).*\"podIPs\":\\[\\{\"ip\":\"fd5c:73::.*\"ip\":\"10\\..*"
                                                : "(?s).*\"podIPs\":\\[\\{\"ip\":\"10\\..*\"ip\":\"fd5c:73::.*"));
                daemon.close();
                daemon = null;
            }
        }
    }
}
