/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Manifests of the shapes that installers and operators write, in {@code installers/}, on real containerd.
 * All of them run at once.
 */
@OnContainerd
class InstallerManifestsContainerdTest {

    private static final List<String> FILES = List.of(
            "addons",
            "agent",
            "balancer",
            "floating",
            "front",
            "generated",
            "infer",
            "loader",
            "millibytes",
            "one-line",
            "placeholder",
            "provider",
            "quorum",
            "quoted",
            "scalars",
            "settings",
            "storage",
            "store",
            "tunnel");

    private static DaemonProcess daemon;
    private static Path scratch;

    @BeforeAll
    static void start() throws Exception {
        daemon = new DaemonProcess().start();
        scratch = Files.createDirectory(daemon.home.resolve("scratch"));
        // A mount with propagation has to be on a shared one, as the root of a node with systemd is.
        String shared = Files.createDirectory(scratch.resolve("shared")).toString();
        assertEquals(
                0,
                Commands.run(List.of(
                                "sh", "-c", "mount -t tmpfs tmpfs " + shared + " && mount --make-shared " + shared))
                        .exitCode());
        for (String file : FILES) {
            daemon.write(file + ".yaml", text(file));
        }
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private static String text(String file) throws IOException {
        try (InputStream in =
                InstallerManifestsContainerdTest.class.getResourceAsStream("installers/" + file + ".yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@scratch@", scratch.toString())
                    .replace("@manifests@", daemon.manifests.toString());
        }
    }

    private static void awaitLog(String expected, String... logs) {
        daemon.await(
                "the log of " + String.join(" ", logs),
                () -> daemon.cliQuietly(logs).equals(expected));
    }

    private static void awaitRow(String pod, String cells) {
        daemon.await(pod + " as " + cells, () -> row(pod).contains(cells));
    }

    /** The row of a pod in {@code get pods} with one blank between cells. */
    private static String row(String pod) {
        return daemon.cliQuietly("get", "pods", "--no-headers")
                .lines()
                .map(line -> line.replaceAll(" +", " "))
                .filter(line -> line.contains(" " + pod + "-" + daemon.node + " "))
                .findFirst()
                .orElse("");
    }

    private static String describe(String pod) {
        return daemon.cliQuietly("describe", "pod", pod);
    }

    private static String warnings(String file) {
        return daemon.cliQuietly("get", "manifests", "-o", "wide", "--no-headers")
                .lines()
                .filter(line -> line.contains("/" + file + ".yaml"))
                .findFirst()
                .orElse("");
    }

    @Test
    void capabilitiesInLowerCaseAreDropped() {
        awaitLog("CapBnd:\t0000000000000000\nSeccomp:\t2\n[][]\n", "logs", "addons");
        awaitRow("addons", "1/1 Running 0");
    }

    @Test
    void seccompAnnotationOfPodConfines() {
        awaitLog("Seccomp:\t2\n", "logs", "l4-balancer-v2.11.0");
        awaitRow("l4-balancer-v2.11.0", "1/1 Running 0");
        String described = describe("l4-balancer-v2.11.0");
        assertTrue(
                described.contains(
                        "http-get http://:18453/index.html delay=1s timeout=5s period=1s #success=1" + " #failure=5"),
                described);
        assertTrue(
                warnings("balancer")
                        .contains("write in spec: securityContext: {seccompProfile: {type:" + " RuntimeDefault}}"),
                () -> warnings("balancer"));
    }

    @Test
    void seccompAnnotationOfContainerWinsOverThatOfPod() {
        awaitLog("Seccomp:\t2\n", "logs", "tunnel", "-c", "tunnel");
        awaitLog("Seccomp:\t0\n", "logs", "tunnel", "-c", "open");
        awaitRow("tunnel", "2/2 Running 0");
    }

    @Test
    void podThatEndsIsNotRunAgain() {
        awaitRow("loader", "0/2 Completed 0");
        String log = daemon.cliQuietly("logs", "loader", "-c", "loader");
        assertEquals(
                List.of("loading one", "loading two", "loading three-1.0", "done"),
                log.lines().map(line -> line.replaceFirst("^[0-9:]+ ", "")).toList());
    }

    @Test
    void probesAreOfThePortsOfTheirOwnContainers() {
        awaitLog("--endpoint=:18459 --namespace=kube-system\n", "logs", "storage", "-c", "creator");
        awaitRow("storage", "3/3 Running 0");
        daemon.await("the probes", () -> describe("storage").contains("http-get http://:http-endpoint/leader"));
    }

    @Test
    void podStartsWhenItsSecretComes() throws IOException {
        daemon.await("the reason", () -> describe("provider").contains("cloud-config"));
        Path secret = Files.writeString(daemon.home.resolve("cloud-config.new"), """
                apiVersion: v1
                kind: Secret
                metadata: {name: cloud-config, namespace: kube-system}
                stringData: {cloud.conf: "region = here\\n"}
                """);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.move(secret, daemon.manifests.resolve("cloud-config.yaml"));
        awaitLog("1001\nregion = here\n", "logs", "provider");
    }

    @Test
    void plainScalarOverSeveralLinesIsOneLine() {
        awaitLog(
                "v3.4\nstore --backup=memory://stores.example.org/demo --urls=https://__name__:4001 --name=store"
                        + " --quarantine=https://__name__:3994 --v=6 90d\n",
                "logs",
                "store");
        awaitLog("--target=/tools/v3.5\n", "logs", "store", "-c", "init-link");
    }

    @Test
    void literalBlockKeepsItsBlanks() {
        awaitLog("  the client sent: reload\n  the client sent: stop\n", "logs", "floating");
        awaitRow("floating", "1/1 Running 0");
    }

    @Test
    void probePathWithoutSlashWorks() {
        awaitRow("front", "2/2 Running 0");
        assertEquals("Acquiring /var/log/front/.lock at REVISION\n", daemon.cliQuietly("logs", "front"));
    }

    @Test
    void manifestFromAContainerIsRun() {
        daemon.awaitRunning("inner");
        awaitLog("I am the quorum\n", "logs", "quorum");
    }

    @Test
    void valuesInQuotesAreText() {
        awaitLog("false 6666\n", "logs", "agent");
        awaitLog("--config= --v=\n", "logs", "quoted");
    }

    @Test
    void mountWithPropagationOnSharedMountRuns() {
        awaitRow("settings", "1/1 Running 0");
    }

    @Test
    void fileIsMountedInsideAMountedDirectory() {
        awaitLog("ca.crt\n1\n", "logs", "generated");
        assertTrue(warnings("generated").contains("metadata.uid"), () -> warnings("generated"));
    }

    @Test
    void placeholderOfAnImageIsNamed() {
        daemon.await("its state", () -> row("placeholder").contains("InvalidImageName"));
        assertTrue(describe("placeholder").contains("<registry>/busybox:1"), () -> describe("placeholder"));
    }

    @Test
    void sharedMemoryHasItsSize() {
        daemon.await(
                "its size", () -> daemon.cliQuietly("logs", "infer").matches("(?s)\\S+ +16384 .*\ncompute,utility\n"));
    }

    @Test
    void plainScalarsAreText() {
        awaitLog("""
                V_ADDR=:2112
                V_CIDR=10.0.0.0/8
                V_DATE=2024-01-02
                V_DAYS=90d
                V_EMPTY=
                V_HASH=a#b
                V_IPV6=fe80::1
                V_MULTI=one two three
                V_OCTAL=0o17x
                V_PERCENT=50%
                V_THOUSANDS=1,000
                V_TILDE=~/x
                V_TIME=1:30
                """, "logs", "scalars");
    }

    @Test
    void stateNamesTheMemoryLimit() {
        daemon.await(
                "the limit in the state",
                () -> describe("millibytes").contains("the memory limit of container app is 128m"));
        assertTrue(
                warnings("millibytes").contains("is 0.128 byte; did you mean \"128Mi\"?"),
                () -> warnings("millibytes"));
    }

    @Test
    void stateSaysThatOneItemIsOneWord() {
        daemon.await(
                "the hint in the state",
                () -> describe("one-line")
                        .contains("so the program must be an item of its own: [\"sleep\"," + " \"100000\"]"));
    }
}
