/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Pods that use volumes to reach what is not theirs, on real containerd. Each ends with a refusal or a bounded effect, and
 * what lies outside of the pod's own directories is as it was.
 */
@OnContainerd
class HostileVolumesContainerdTest {

    private DaemonProcess daemon;
    private Path outside;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess(
                "--config=" + ConfigFiles.write("hostile", "crashLoopBackOff: {maxContainerRestartPeriod: 1s}"));
        outside = Files.createDirectories(daemon.home.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "root's own");
        daemon.start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private String api(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }

    private void assertOutsideIsUntouched() throws IOException {
        try (var files = Files.list(outside)) {
            assertEquals(List.of(outside.resolve("secret")), files.toList());
        }
        assertEquals("root's own", Files.readString(outside.resolve("secret")));
    }

    /** A container called {@code name} that is added to a pod. */
    private static String container(String name, String script, String mounts) {
        return """
                  - name: %s
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: ["sh", "-c", "%s"]
                    volumeMounts: %s
                """.formatted(name, script.replace("\"", "\\\""), mounts);
    }

    private List<Container> of(String pod, String container) {
        return daemon.containers(pod).stream()
                .filter(c -> c.metadata().name().equals(container))
                .toList();
    }

    @Test
    void swappingALinkMeanwhileNeverLeadsASubPathOutOfItsVolume() throws Exception {
        Path volume = Files.createDirectories(daemon.home.resolve("volume"));
        // A link that leads to a directory of the volume, and two that lead out of it. It is there before the first
        // start,
        // which would make a directory in its place.
        Files.createDirectory(volume.resolve("real"));
        Files.createSymbolicLink(volume.resolve("d"), Path.of("real"));
        String swap =
                "cd /v; while :; do ln -sfn real d; sleep 0.005; ln -sfn " + outside + " d; ln -sfn ../outside d; done";
        String look = "ls /s*/secret 2>/dev/null && echo ESCAPED; touch /s0/mark /s1/mark; echo looked; exit 1";
        StringBuilder mounts = new StringBuilder("[");
        for (int i = 0; i < 2; i++) {
            mounts.append("{name: v, mountPath: /s").append(i).append(", subPath: d/e}, ");
        }
        daemon.write(
                "race.yaml",
                DaemonProcess.pod("race", swap, "  volumes: [{name: v, hostPath: {path: " + volume + "}}]")
                        + "    volumeMounts: [{name: v, mountPath: /v}]\n"
                        + container(
                                "victim", look, mounts.append("]").toString().replace(", ]", "]")));
        Path logs = daemon.logs.resolve("default_race-" + daemon.node + "_");
        daemon.await("many starts", Duration.ofMinutes(4), () -> {
            int attempts = of("race", "victim").stream()
                    .mapToInt(c -> c.metadata().attempt())
                    .max()
                    .orElse(-1);
            return attempts >= 5
                    && of("race", "victim").stream()
                            .noneMatch(c -> daemon.output(c).contains("ESCAPED"));
        });
        daemon.kill(); // which would remove older logs meanwhile
        try (var all = Files.walk(daemon.logs)) {
            for (Path log : all.filter(Files::isRegularFile).toList()) {
                assertFalse(Files.readString(log).contains("ESCAPED"), () -> logs + " " + log);
            }
        }
        assertOutsideIsUntouched();
        daemon.start();
        daemon.remove("race.yaml");
        daemon.awaitGone("race");
        assertOutsideIsUntouched();
    }

    @Test
    void aLinkOutOfTheVolumeIsRefusedAndNamed() throws Exception {
        Path volume = Files.createDirectories(daemon.home.resolve("volume"));
        Files.createSymbolicLink(volume.resolve("absolute"), outside);
        Files.createSymbolicLink(volume.resolve("relative"), Path.of("../outside"));
        for (String link : List.of("absolute", "relative")) {
            daemon.write(
                    link + ".yaml",
                    DaemonProcess.pod(link, "true", "  volumes: [{name: v, hostPath: {path: " + volume + "}}]")
                            + "    volumeMounts: [{name: v, mountPath: /v, subPath: " + link + "/made}]\n");
            daemon.await(
                    "the reason",
                    () -> api(link).contains("\"reason\":\"CreateContainerConfigError\"")
                            && api(link).contains("leads out of the volume"));
            assertTrue(daemon.containers(link).isEmpty());
        }
        assertOutsideIsUntouched();
    }

    @Test
    void noPathThatGoesUpIsTaken() throws Exception {
        String hostPath = "  volumes: [{name: v, hostPath: {path: " + outside + "/../outside}}]";
        daemon.write(
                "host.yaml",
                DaemonProcess.pod("host", "true", hostPath) + "    volumeMounts: [{name: v, mountPath: /v}]\n");
        String empty = "  volumes: [{name: v, emptyDir: {}}]";
        daemon.write(
                "sub.yaml",
                DaemonProcess.pod("sub", "true", empty)
                        + "    volumeMounts: [{name: v, mountPath: /v, subPath: ../../../../../outside}]\n");
        daemon.write(
                "expr.yaml",
                DaemonProcess.pod("expr", "true", empty)
                        + "    env: [{name: UP, value: ../../../../../../outside}]\n"
                        + "    volumeMounts: [{name: v, mountPath: /v, subPathExpr: x/$(UP)}]\n");
        daemon.await(
                "the reason",
                () -> api("expr").contains("\"reason\":\"CreateContainerConfigError\"")
                        && api("expr").contains("must not contain '..'"));
        assertTrue(daemon.containers("expr").isEmpty());
        daemon.await(
                "two refusals",
                () -> daemon.log().contains("spec.volumes[0].hostPath.path")
                        && daemon.log().contains("spec.containers[0].volumeMounts[0].subPath"));
        assertTrue(daemon.sandboxes("host").isEmpty());
        assertTrue(daemon.sandboxes("sub").isEmpty());
        assertOutsideIsUntouched();
    }

    @Test
    void aPodThatFillsItsEmptyDirIsStoppedEmptiedAndBegunAfresh() throws Exception {
        daemon.write(
                "full.yaml",
                DaemonProcess.pod(
                                "full",
                                "cat /v/by-init; ls /v | wc -l; dd if=/dev/zero of=/v/fill bs=1M count=3 2>/dev/null; "
                                        + DaemonProcess.sleeper(),
                                """
                                  volumes: [{name: v, emptyDir: {sizeLimit: 2Mi}}]
                                  initContainers:
                                  - name: first
                                    image: docker.io/library/busybox:1
                                    imagePullPolicy: IfNotPresent
                                    command: [sh, -c, "echo prepared > /v/by-init"]
                                    volumeMounts: [{name: v, mountPath: /v}]
                                """)
                        + "    volumeMounts: [{name: v, mountPath: /v}]\n");
        daemon.await("its start", () -> !of("full", "app").isEmpty());
        String message = "Usage of EmptyDir volume \\\"v\\\" exceeds the limit \\\"2Mi\\\". ";
        daemon.await(
                "the reason",
                () -> api("full").contains("\"reason\":\"Evicted\"")
                        && api("full").contains(message));
        daemon.await(
                "its containers to be stopped", () -> daemon.running("full").isEmpty());
        daemon.await("its volume to be empty", () -> volumesOf("full").isEmpty());
        daemon.await(
                "the event",
                () -> daemon.get("/api/v1/namespaces/default/events").contains(message));
        // A restarted daemon restores the eviction, and does not start the pod at once.
        Instant until = awaitUntil();
        daemon.kill();
        daemon.start();
        daemon.await(
                "a fresh start, with what the init container prepares and nothing else",
                () -> of("full", "app").stream()
                        .anyMatch(c ->
                                c.metadata().attempt() == 1 && daemon.output(c).equals("prepared\n1\n")));
        assertTrue(of("full", "app").stream()
                .filter(c -> c.metadata().attempt() > 0)
                .noneMatch(c -> c.createdAt().isBefore(until)));
    }

    /** Until when the only pod that has exceeded a limit has to wait. */
    private Instant awaitUntil() {
        Path evicted = daemon.rootDir.resolve("evicted");
        List<String> lines = new ArrayList<>();
        daemon.await("the time to wait", () -> {
            try (var files = Files.list(evicted)) {
                lines.clear();
                lines.addAll(Files.readAllLines(files.findFirst().orElseThrow()));
                return lines.size() == 3 && !lines.get(1).isEmpty();
            } catch (IOException | UncheckedIOException _) {
                return false; // renamed meanwhile
            }
        });
        return Instant.parse(lines.get(1));
    }

    private List<Path> volumesOf(String pod) {
        try (var all = Files.walk(daemon.rootDir.resolve("pods"))) {
            return all.filter(path -> path.endsWith("fill")).toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of(Path.of(pod + ": " + e));
        }
    }

    @Test
    void lastWordsAreNotReadThroughALink() throws Exception {
        Path signals = Files.createDirectory(daemon.home.resolve("signals"));
        daemon.write(
                "victim.yaml",
                DaemonProcess.pod(
                                "victim",
                                "until test -e /h/go; do sleep 0.1; done; exit 3",
                                "  restartPolicy: Never\n  volumes: [{name: v, hostPath: {path: " + signals + "}}]")
                        + "    volumeMounts: [{name: v, mountPath: /h}]\n");
        Container victim = daemon.awaitRunning("victim");
        String uid = victim.labels().get("io.kubernetes.pod.uid");
        Path words = daemon.rootDir.resolve("pods/" + uid + "/containers/app/0");
        daemon.write(
                "attacker.yaml",
                DaemonProcess.pod(
                                "attacker",
                                "rm -f /w/0; ln -s " + outside.resolve("secret") + " /w/0; echo done",
                                "  restartPolicy: Never\n  volumes: [{name: v, hostPath: {path: " + words.getParent()
                                        + "}}]")
                        + "    volumeMounts: [{name: v, mountPath: /w}]\n");
        daemon.await("the link", () -> Files.isSymbolicLink(words));
        Files.createFile(signals.resolve("go"));
        daemon.await("its end", () -> api("victim").contains("\"exitCode\":3"));
        assertFalse(api("victim").contains("root's own"), () -> api("victim"));
        daemon.remove("victim.yaml");
        daemon.awaitGone("victim");
        assertOutsideIsUntouched();
    }
}
