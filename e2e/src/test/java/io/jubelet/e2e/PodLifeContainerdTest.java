/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What reconciling promises, one sentence a test, on real containerd. */
@OnContainerd
class PodLifeContainerdTest {

    private DaemonProcess daemon;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess().start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @Test
    void aFileAddedStartsAPodAChangeReplacesItARemovalStopsIt() throws Exception {
        daemon.write("web.yaml", pod("web", "echo one; " + sleeper()));
        Container first = daemon.awaitRunning("web");
        daemon.write("web.yaml", pod("web", "echo two; " + sleeper()));
        Container second = daemon.awaitReplaced("web", first);
        daemon.await("the new version's output", () -> daemon.output(second).equals("two\n"));
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        daemon.await(
                "directories to be removed", () -> isEmpty(daemon.rootDir.resolve("pods")) && isEmpty(daemon.logs));
    }

    @Test
    void rewritingTheSameContentWithCommentsAndAnotherOrderOfKeysRestartsNothing() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        Container before = daemon.awaitRunning("web");
        daemon.write("web.yaml", "# a comment\n" + pod("web", sleeper()) + "metadata2: {}\n");
        daemon.await(
                "the mistake to be told",
                () -> daemon.get("/jubelet/v1/manifests").contains("metadata2"));
        daemon.write(
                "web.yaml", "kind: Pod\n# a comment\n" + pod("web", sleeper()).replace("kind: Pod\n", ""));
        daemon.await(
                "the file to be good again",
                () -> !daemon.get("/jubelet/v1/manifests").contains("metadata2"));
        assertEquals(before.id(), daemon.awaitRunning("web").id());
    }

    @Test
    void containersSeeCommandArgumentsEnvironmentAndWorkingDirectory() throws Exception {
        daemon.write("env.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: env}
                spec:
                  restartPolicy: Never
                  containers:
                  - name: app
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, 'echo "$0 $1 $GREETING $(pwd)"', "$(NAME)"]
                    args: ["$$(NAME) $(MISSING)"]
                    workingDir: /tmp
                    env:
                    - {name: NAME, value: world}
                    - {name: GREETING, value: "hello $(NAME)"}
                """);
        daemon.await(
                "the output",
                () -> daemon.containers("env").size() == 1
                        && daemon.output(daemon.containers("env").getFirst())
                                .equals("world $(NAME) $(MISSING) hello world /tmp\n"));
    }

    @Test
    void containersOfAPodShareAnEmptyDirAndStartInOrder() throws Exception {
        daemon.write("pair.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: pair}
                spec:
                  terminationGracePeriodSeconds: 1
                  volumes: [{name: shared, emptyDir: {}}]
                  containers:
                  - name: first
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, "echo written > /shared/file; exec sleep 1000"]
                    volumeMounts: [{name: shared, mountPath: /shared}]
                  - name: second
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, "until cat /in/file; do sleep 0.1; done; touch /in/x || echo refused; exec sleep 1000"]
                    volumeMounts: [{name: shared, mountPath: /in, readOnly: true}]
                """);
        daemon.await("both to run", () -> daemon.running("pair").size() == 2);
        Container first = container("pair", "first");
        Container second = container("pair", "second");
        // The two streams of a container are logged side by side, in no particular order.
        List<String> expected = List.of("written", "touch: /in/x: Read-only file system", "refused");
        daemon.await(
                "the file to be seen",
                () -> daemon.output(second).lines().toList().containsAll(expected));
        assertFalse(
                daemon.status(second).startedAt().isBefore(daemon.status(first).startedAt()), "first starts first");
    }

    private Container container(String pod, String name) {
        return daemon.containers(pod).stream()
                .filter(c -> c.metadata().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aHostPathOfTheWrongTypeHoldsTheContainerAndSaysWhyUntilItIsRight() throws Exception {
        Path directory = daemon.home.resolve("data");
        daemon.write(
                "host.yaml",
                pod(
                                "host",
                                "cat /data/hello; " + sleeper(),
                                "  volumes: [{name: d, hostPath: {path: " + directory + ", type: Directory}}]")
                        + "    volumeMounts: [{name: d, mountPath: /data}]\n");
        daemon.await(
                "the reason",
                () -> daemon.get("/jubelet/v1/pods/default/host/describe").contains("is not a directory"));
        Path prepared = Files.createDirectory(daemon.home.resolve("prepared"));
        Files.writeString(prepared.resolve("hello"), "from the host\n");
        Files.move(prepared, directory); // all at once, for the pod may be tried again at any moment
        Container container = daemon.awaitRunning("host");
        daemon.await("the file", () -> daemon.output(container).equals("from the host\n"));
    }

    @Test
    void aHostNetworkPodSharesTheNetworkOfTheNode() throws Exception {
        daemon.write("net.yaml", pod("net", "readlink /proc/self/ns/net; " + sleeper(), "  hostNetwork: true"));
        daemon.write("own.yaml", pod("own", "readlink /proc/self/ns/net; " + sleeper()));
        String host = Files.readSymbolicLink(Path.of("/proc/self/ns/net")) + "\n";
        Container net = daemon.awaitRunning("net");
        Container own = daemon.awaitRunning("own");
        daemon.await("the node's network", () -> daemon.output(net).equals(host));
        daemon.await("a network of its own", () -> daemon.output(own).startsWith("net:["));
        assertFalse(daemon.output(own).equals(host));
    }

    @Test
    void limitsReachTheCgroup() throws Exception {
        daemon.write(
                "limits.yaml",
                pod(
                                "limits",
                                "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; "
                                        + sleeper())
                        + "    resources: {limits: {memory: 32Mi, cpu: 500m}}\n");
        Container container = daemon.awaitRunning("limits");
        daemon.await("the limit", () -> daemon.output(container).equals((32 << 20) + "\n"));
    }

    @Test
    void aFirstCrashRestartsAtOnceAndASecondWaits() throws Exception {
        daemon.write("crash.yaml", pod("crash", sleeper()));
        Container first = daemon.awaitRunning("crash");
        daemon.crash(first);
        Container second = daemon.awaitReplaced("crash", first);
        assertEquals(1, second.metadata().attempt());
        Duration gap = Duration.between(
                daemon.status(first).finishedAt(), daemon.status(second).startedAt());
        assertTrue(gap.compareTo(Duration.ofSeconds(9)) < 0, "restarted after " + gap);
        daemon.crash(second);
        daemon.await("CrashLoopBackOff", () -> daemon.get("/api/v1/pods").contains("CrashLoopBackOff"));
        Container third = daemon.awaitReplaced("crash", second);
        Duration wait = Duration.between(
                daemon.status(second).finishedAt(), daemon.status(third).startedAt());
        assertFalse(wait.compareTo(Duration.ofSeconds(10)) < 0, "waited only " + wait);
    }

    @Test
    void aPodThatRanToItsEndStaysEndedAlsoAfterARestartOfTheDaemon() throws Exception {
        daemon.write("job.yaml", pod("job", "exit 0", "  restartPolicy: OnFailure"));
        daemon.write("once.yaml", pod("once", "exit 3", "  restartPolicy: Never"));
        daemon.await("the end of job", () -> ended("job", 0));
        daemon.await("the end of once", () -> ended("once", 3));
        daemon.kill();
        daemon.start();
        daemon.holdsFor("both stay ended", Duration.ofSeconds(2), () -> ended("job", 0) && ended("once", 3));
        daemon.await("both to be told", () -> {
            String pods = daemon.get("/api/v1/pods");
            return pods.contains("\"Succeeded\"") && pods.contains("\"Failed\"");
        });
    }

    private boolean ended(String pod, int exitCode) {
        List<Container> containers = daemon.containers(pod);
        if (containers.size() != 1 || containers.getFirst().state() != ContainerState.EXITED) {
            return false;
        }
        ContainerStatus status = daemon.status(containers.getFirst());
        return status.exitCode() == exitCode
                && daemon.sandboxes(pod).stream().noneMatch(s -> s.state() == PodSandboxState.READY);
    }

    @Test
    void aDeadSandboxIsReplacedWithItsContainers() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        Container before = daemon.awaitRunning("web");
        PodSandbox sandbox = daemon.sandboxes("web").getFirst();
        String info =
                daemon.runtime().podSandboxStatusVerbose(sandbox.id()).info().toString();
        long pause = Long.parseLong(info.replaceAll("(?s).*?\"pid\":\\s*(\\d+).*", "$1"));
        ProcessHandle.of(pause).orElseThrow().destroyForcibly();
        daemon.awaitReplaced("web", before);
        daemon.await(
                "one ready sandbox",
                () -> daemon.sandboxes("web").stream()
                                .filter(s -> s.state() == PodSandboxState.READY)
                                .count()
                        == 1);
    }

    @Test
    void failedPullIsReportedAndDoesNotAffectOtherPods() throws Exception {
        daemon.write("bad.yaml", pod("bad", sleeper()).replace("busybox:1", "no-such-image:1"));
        daemon.write("web.yaml", pod("web", sleeper()));
        daemon.awaitRunning("web");
        daemon.await("the reason", () -> {
            String pods = daemon.get("/api/v1/pods");
            return pods.contains("ErrImagePull") || pods.contains("ImagePullBackOff");
        });
        String table = daemon.cli("get", "pods");
        assertTrue(table.contains("no-such-image:1"), table);
    }

    @Test
    void anUpdateWithAnImageThatCannotBePulledKeepsTheOldVersionRunning() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        Container before = daemon.awaitRunning("web");
        daemon.write("web.yaml", pod("web", sleeper()).replace("busybox:1", "no-such-image:1"));
        daemon.await(
                "the reason", () -> daemon.cliQuietly("describe", "pod", "web").contains("no-such-image:1"));
        daemon.crash(before);
        Container restarted = daemon.awaitReplaced("web", before);
        assertEquals(before.metadata().name(), restarted.metadata().name());
        daemon.write("web.yaml", pod("web", sleeper()).replace("busybox:1", "busybox:2"));
        daemon.awaitReplaced("web", restarted);
    }

    @Test
    void tenEditsInASecondEndWithTheLast() throws Exception {
        for (int i = 0; i < 10; i++) {
            daemon.write("web.yaml", pod("web", "echo edit " + i + "; " + sleeper()));
            Container any = i == 0 ? daemon.awaitRunning("web") : null;
            assertTrue(i > 0 || any != null);
        }
        daemon.await("the last edit to run", () -> {
            List<Container> now = daemon.running("web");
            return now.size() == 1 && daemon.output(now.getFirst()).equals("edit 9\n");
        });
    }

    @Test
    void aPodDeletedAndCreatedAgainAtOnceStartsAfreshOrRunsOn() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        daemon.awaitRunning("web");
        daemon.remove("web.yaml");
        daemon.write("web.yaml", pod("web", sleeper()));
        daemon.holdsFor(
                "never two", Duration.ofSeconds(2), () -> daemon.running("web").size() <= 1);
        daemon.awaitRunning("web");
        daemon.remove("web.yaml");
        daemon.await("the end to begin", () -> daemon.running("web").isEmpty());
        daemon.write("web.yaml", pod("web", sleeper()));
        daemon.awaitRunning("web");
    }

    @Test
    void anEditDuringASlowEndWaitsForItAndTheNewestWins() throws Exception {
        Path signals = Files.createDirectory(daemon.home.resolve("signals"));
        String slow = "trap 'until test -e /h/go; do sleep 0.1; done; touch /h/ended' TERM; echo up;"
                + " sleep 1000 & wait; kill $!";
        daemon.write("web.yaml", patient(slow, signals));
        Container first = daemon.awaitRunning("web");
        daemon.await("its trap", () -> daemon.output(first).equals("up\n"));
        daemon.write("web.yaml", patient("touch /h/second; " + sleeper(), signals));
        daemon.await(
                "the end to begin",
                () -> daemon.get("/jubelet/v1/pods/default/web/describe").contains("StopContainers"));
        // With another object in the file, for a change of content alone is not logged.
        String another = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: another}\n";
        daemon.write("web.yaml", patient("echo third; ls /h; " + sleeper(), signals) + another);
        daemon.await("the third to be accepted", () -> daemon.log().contains("ConfigMap default/another"));
        assertEquals(List.of(first), daemon.running("web"), "it has its grace period");
        Files.createFile(signals.resolve("go"));
        Container last = daemon.awaitReplaced("web", first);
        daemon.await(
                "the newest, when the first had ended, without the second",
                () -> daemon.output(last).equals("third\nended\ngo\n"));
    }

    /** A pod with a directory at {@code /h} that may take its time to end. */
    private static String patient(String script, Path directory) {
        return pod("web", script, "  volumes: [{name: h, hostPath: {path: " + directory + "}}]")
                        .replace("terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 600")
                + "    volumeMounts: [{name: h, mountPath: /h}]\n";
    }

    private static boolean isEmpty(Path directory) {
        try (var entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            return !Files.exists(directory);
        }
    }
}
