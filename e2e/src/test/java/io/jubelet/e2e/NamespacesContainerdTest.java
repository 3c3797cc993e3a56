/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.StatusResponse.RuntimeHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What pods share with the node and what they have for themselves, seen in the kernel's files, on real containerd. */
@OnContainerd
class NamespacesContainerdTest {

    @TempDir
    private Path directory;

    private DaemonProcess daemon;

    private void startDaemon(String... options) throws IOException {
        daemon = new DaemonProcess(options).start();
    }

    private static List<Path> all() {
        return RuntimeUnderTest.all();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private static String ofNode(String namespace) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/" + namespace)).toString();
    }

    private String of(Container container, String namespace) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + daemon.pid(container) + "/ns/" + namespace))
                .toString();
    }

    private String sysctl(Container container, String file) throws IOException {
        // Below net/ the kernel shows the values of the reader's own namespace, so the container has to read them.
        return daemon.runtime()
                .execSync(container.id(), List.of("cat", "/proc/sys/" + file), Duration.ofSeconds(10))
                .stdoutText()
                .strip();
    }

    private String api(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }

    private void awaitRefusal(String pod, String reason, String message) {
        daemon.await(
                reason + ": " + message,
                () -> api(pod).contains("\"reason\":\"" + reason + "\"")
                        && api(pod).replace("\\\"", "\"").contains(message));
        assertEquals(List.of(), daemon.sandboxes(pod));
    }

    // --- namespaces

    @Test
    void aPodSharesTheNamespacesOfTheNodeThatItAsksFor() throws Exception {
        startDaemon();
        daemon.write("own.yaml", pod("own", sleeper()));
        daemon.write("pid.yaml", pod("pid", sleeper(), "  hostPID: true"));
        daemon.write("ipc.yaml", pod("ipc", sleeper(), "  hostIPC: true"));
        Container own = daemon.awaitRunning("own");
        Container pid = daemon.awaitRunning("pid");
        Container ipc = daemon.awaitRunning("ipc");
        assertNotEquals(ofNode("pid"), of(own, "pid"));
        assertNotEquals(ofNode("ipc"), of(own, "ipc"));
        assertEquals(ofNode("pid"), of(pid, "pid"));
        assertNotEquals(ofNode("ipc"), of(pid, "ipc"));
        assertEquals(ofNode("ipc"), of(ipc, "ipc"));
        assertNotEquals(ofNode("pid"), of(ipc, "pid"));
        for (Container each : List.of(own, pid, ipc)) {
            assertEquals(ofNode("user"), of(each, "user"));
            assertNotEquals(ofNode("net"), of(each, "net"));
        }
    }

    private boolean canUserNamespaces(Path containerd) {
        boolean can = daemon.runtime().status(false).runtimeHandlers().stream()
                .filter(handler -> handler.name().isEmpty())
                .map(RuntimeHandler::features)
                .anyMatch(features -> features != null && features.userNamespaces());
        boolean shall = Boolean.getBoolean("jubelet.test.user-namespaces");
        assertTrue(
                can || !shall || containerd.equals(RuntimeUnderTest.containerd()), "it was started with such a runc");
        return can;
    }

    private String idMap(Container container) throws IOException {
        return Files.readString(Path.of("/proc/" + daemon.pid(container) + "/uid_map"))
                .strip()
                .replaceAll(" +", " ");
    }

    @ParameterizedTest
    @MethodSource("all")
    void aPodHasUserIdsOfItsOwnOrIsRefusedWhereTheRuntimeHasNone(Path containerd) throws Exception {
        daemon = new DaemonProcess(containerd, List.of()).start();
        String volume = "  hostUsers: false\n  volumes: [{name: data, emptyDir: {}}]";
        String mount = "    volumeMounts: [{name: data, mountPath: /data}]\n";
        String script = "touch /data/mine; " + sleeper();
        daemon.write("one.yaml", pod("one", script, volume) + mount);
        if (!canUserNamespaces(containerd)) {
            awaitRefusal(
                    "one",
                    "FailedCreatePodSandBox",
                    "can't set `spec.hostUsers: false`, runtime does not support user namespaces");
            return;
        }
        daemon.write("two.yaml", pod("two", script, volume) + mount);
        Container one = daemon.awaitRunning("one");
        Container two = daemon.awaitRunning("two");
        assertNotEquals(ofNode("user"), of(one, "user"));
        assertTrue(idMap(one).matches("0 \\d+ 65536"), idMap(one));
        assertNotEquals(idMap(one), idMap(two));
        long host = Long.parseLong(idMap(one).split(" ")[1]);
        assertTrue(host >= 65536 && host % 65536 == 0, idMap(one));
        Path home = daemon.rootDir.resolve("pods").resolve(one.labels().get("io.kubernetes.pod.uid"));
        assertTrue(Files.readString(home.resolve("userns")).contains("\"hostId\":" + host + ","));
        Path mine = home.resolve("volumes/kubernetes.io~empty-dir/data/mine");
        daemon.await("a file in the volume", () -> Files.exists(mine));
        assertEquals(0, Files.getAttribute(mine, "unix:uid"), "the volume is mounted with its ids mapped");
        assertEquals((int) host, Files.getAttribute(Path.of("/proc/" + daemon.pid(one)), "unix:uid"));

        daemon.kill();
        daemon.start();
        daemon.crash(one);
        Container again = daemon.awaitReplaced("one", one);
        assertEquals(host, Long.parseLong(idMap(again).split(" ")[1]));
        assertTrue(daemon.running("two").stream().anyMatch(c -> c.id().equals(two.id())));
    }

    @ParameterizedTest
    @MethodSource("all")
    void aPodHasAsManyUserIdsAsTheNodeSays(Path containerd) throws Exception {
        Path config = Files.writeString(directory.resolve("config.yaml"), """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                userNamespaces: {idsPerPod: 131072}
                """);
        daemon = new DaemonProcess(containerd, List.of()).start("--config=" + config);
        daemon.write("one.yaml", pod("one", sleeper(), "  hostUsers: false"));
        if (!canUserNamespaces(containerd)) {
            awaitRefusal("one", "FailedCreatePodSandBox", "runtime does not support user namespaces");
            return;
        }
        Container one = daemon.awaitRunning("one");
        assertTrue(idMap(one).matches("0 \\d+ 131072"), idMap(one));
        assertEquals(0, Long.parseLong(idMap(one).split(" ")[1]) % 131072, idMap(one));
        Files.writeString(config, Files.readString(config).replace("131072", "131073"));
        Commands.Outcome outcome = Commands.run(daemon.command("--config=" + config));
        assertEquals(1, outcome.exitCode(), outcome::err);
        assertTrue(outcome.err().contains("must be a multiple of 65536"), outcome::err);
    }

    @ParameterizedTest
    @MethodSource("all")
    void whereThereAreUserIdsOfItsOwnNothingOfProcNeedsToBeHidden(Path containerd) throws Exception {
        daemon = new DaemonProcess(containerd, List.of()).start();
        String unmasked = "    securityContext: {procMount: Unmasked}\n";
        daemon.write("open.yaml", pod("open", sleeper(), "  hostUsers: false") + unmasked);
        if (!canUserNamespaces(containerd)) {
            awaitRefusal("open", "FailedCreatePodSandBox", "runtime does not support user namespaces");
            return;
        }
        Container container = daemon.awaitRunning("open");
        String mounts = Files.readString(Path.of("/proc/" + daemon.pid(container) + "/mountinfo"));
        assertTrue(!mounts.contains(" /proc/kcore ") && !mounts.contains(" /proc/sys "), mounts);
    }

    // --- sysctls

    private static String withSysctl(String name, String more, String sysctls) {
        return pod(name, sleeper(), more + "  securityContext: {sysctls: [" + sysctls + "]}");
    }

    @Test
    void safeSysctlsAreSetInThePodAndNotOnTheNode() throws Exception {
        startDaemon();
        daemon.write(
                "safe.yaml",
                withSysctl(
                        "safe",
                        "",
                        "{name: net.ipv4.ip_local_port_range, value: '12345 23456'},"
                                + " {name: kernel/shm_rmid_forced, value: '1'}"));
        Container container = daemon.awaitRunning("safe");
        assertEquals("12345\t23456", sysctl(container, "net/ipv4/ip_local_port_range"));
        assertEquals("1", sysctl(container, "kernel/shm_rmid_forced"));
        assertTrue(!Files.readString(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))
                .startsWith("12345"));
    }

    @Test
    void othersAreForbiddenUntilTheNodeAllowsThem() throws Exception {
        startDaemon();
        daemon.write("unsafe.yaml", withSysctl("unsafe", "", "{name: kernel.msgmax, value: '65000'}"));
        daemon.write("near.yaml", withSysctl("near", "", "{name: net.ipv4.tcp_syncookies2, value: '1'}"));
        awaitRefusal("unsafe", "SysctlForbidden", "forbidden sysctl: \"kernel.msgmax\" not allowlisted");
        awaitRefusal("near", "SysctlForbidden", "forbidden sysctl: \"net.ipv4.tcp_syncookies2\" not allowlisted");
        assertTrue(daemon.cli("describe", "pod", "unsafe").contains("--allowed-unsafe-sysctls=kernel.msgmax"));
        daemon.stop();
        daemon.start("--allowed-unsafe-sysctls=kernel.msg*,net.core.somaxconn");
        assertEquals("65000", sysctl(daemon.awaitRunning("unsafe"), "kernel/msgmax"));
        awaitRefusal("near", "SysctlForbidden", "not allowlisted");
    }

    @Test
    void aVersionWithAForbiddenSysctlReplacesNothingAndTakesNothing() throws Exception {
        startDaemon();
        daemon.write("a.yaml", pod("a", sleeper()));
        Container before = daemon.awaitRunning("a");
        int port = ServerProcess.freePort();
        String ports = "    ports: [{containerPort: 80, hostPort: " + port + "}]\n";
        daemon.write("a.yaml", withSysctl("a", "", "{name: kernel.msgmax, value: '65000'}") + ports);
        daemon.await(
                "the refusal",
                () -> daemon.cliQuietly("get", "events", "--for", "pod/a").contains("SysctlForbidden"));
        daemon.write("b.yaml", pod("b", sleeper()) + ports);
        daemon.awaitRunning("b");
        assertEquals(before.id(), daemon.awaitRunning("a").id());
        daemon.remove("b.yaml");
        daemon.awaitGone("b");
        // Without the sysctl it is another version, and that one may.
        daemon.write("a.yaml", pod("a", sleeper()) + ports);
        daemon.awaitReplaced("a", before);
    }

    @Test
    void aPatternThatStandsForSysctlsOfTheNodeIsRefusedAtTheStart() throws Exception {
        startDaemon();
        Commands.Outcome outcome = Commands.run(daemon.command("--allowed-unsafe-sysctls=vm.*"));
        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.err().contains("the sysctl \"vm.*\" is not namespaced"), outcome::err);
    }

    // --- runtime handlers

    @Test
    void runtimeClassNameIsTheHandlerOfTheRuntime() throws Exception {
        startDaemon();
        daemon.write("runc.yaml", pod("runc", sleeper(), "  runtimeClassName: runc"));
        daemon.write("none.yaml", pod("none", sleeper(), "  runtimeClassName: no-such-handler"));
        Container container = daemon.awaitRunning("runc");
        assertEquals(
                "runc",
                daemon.runtime().podSandboxStatus(container.podSandboxId()).runtimeHandler());
        awaitRefusal("none", "FailedCreatePodSandBox", "no-such-handler");
        daemon.kill();
        daemon.start();
        daemon.holdsFor(
                "the container lives on",
                Duration.ofSeconds(2),
                () -> daemon.running("runc").stream().anyMatch(c -> c.id().equals(container.id())));
    }
}
