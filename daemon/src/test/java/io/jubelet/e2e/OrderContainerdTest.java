package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In what order containers start and stop, and when a pod is over, told by the lines that the containers write. */
class OrderContainerdTest {

    /** Runs until it gets TERM, and then writes that it ends. */
    private static final String GOES_ON = "trap 'echo $0 ends >> /out/lines; exit 0' TERM; "
            + "echo $0 >> /out/lines; while :; do sleep 1000 & wait; done";

    private static final String RUNS_ONCE = "echo $0 >> /out/lines";

    private DaemonProcess daemon;
    private Path out;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess().start();
        out = Files.createDirectory(daemon.home.resolve("out"));
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    // --- pods

    /** One container; its script finds its name in $0 and the directory of all lines at /out. */
    private static String container(String name, String script, String... more) {
        StringBuilder text = new StringBuilder("  - name: ")
                .append(name)
                .append("\n    image: docker.io/library/busybox:1\n    imagePullPolicy: IfNotPresent\n")
                .append("    volumeMounts: [{name: out, mountPath: /out}]\n")
                .append("    command:\n    - sh\n    - -c\n    - |\n      ")
                .append(script)
                .append("\n    - ")
                .append(name)
                .append('\n');
        for (String line : more) {
            text.append("    ").append(line).append('\n');
        }
        return text.toString();
    }

    private static String sidecar(String name, String script) {
        return container(name, script, "restartPolicy: Always");
    }

    private String pod(String name, String spec, String inits, String mains) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  terminationGracePeriodSeconds: 5
                  volumes: [{name: out, hostPath: {path: %s}}]
                """.formatted(name, out)
                + (spec.isEmpty() ? "" : "  " + spec + "\n")
                + (inits.isEmpty() ? "" : "  initContainers:\n" + inits)
                + "  containers:\n"
                + mains;
    }

    private static String restartsAll(int exitCode) {
        return "restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [" + exitCode
                + "]}}]";
    }

    // --- what they wrote

    private List<String> lines() {
        Path file = out.resolve("lines");
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of("unreadable: " + e);
        }
    }

    private void awaitLines(String... expected) {
        List<String> wanted = List.of(expected);
        try {
            daemon.await("the lines " + wanted, () -> lines().equals(wanted));
        } catch (AssertionError e) {
            throw new AssertionError("lines are " + lines() + ": " + e.getMessage(), e);
        }
    }

    private void allow(String what) throws IOException {
        Files.writeString(out.resolve(what), "");
    }

    private Container running(String pod, String name) {
        daemon.await(
                name + " to run",
                () -> daemon.running(pod).stream()
                        .anyMatch(c -> c.metadata().name().equals(name)));
        return daemon.running(pod).stream()
                .filter(c -> c.metadata().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> names(List<Container> containers) {
        return containers.stream().map(c -> c.metadata().name()).sorted().toList();
    }

    private void awaitStatus(String pod, String... parts) {
        daemon.await("the status " + List.of(parts), () -> {
            String json = daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
            return List.of(parts).stream().allMatch(json::contains);
        });
    }

    /** Nothing runs, and no sandbox is ready. */
    private boolean over(String pod) {
        return daemon.running(pod).isEmpty()
                && !daemon.sandboxes(pod).isEmpty()
                && daemon.sandboxes(pod).stream().noneMatch(s -> s.state() == PodSandboxState.READY);
    }

    // --- init containers

    @Test
    void initContainersRunOneAfterTheOtherBeforeTheMainContainers() throws Exception {
        String slow = "until test -e /out/go; do sleep 0.1; done; " + RUNS_ONCE;
        daemon.write(
                "web.yaml",
                pod(
                        "web",
                        "",
                        container("one", slow) + container("two", "sleep 1; " + RUNS_ONCE),
                        container("app", GOES_ON)));
        running("web", "one");
        awaitStatus("web", "\"phase\":\"Pending\"", "PodInitializing");
        assertEquals(List.of("one"), names(daemon.containers("web")), "nobody else was made");
        allow("go");
        awaitLines("one", "two", "app");
        awaitStatus("web", "\"phase\":\"Running\"");
        assertEquals(List.of("app"), names(daemon.running("web")));
    }

    @Test
    void anInitContainerThatFailsIsRunAgainAndHoldsBackTheOthers() throws Exception {
        String second = RUNS_ONCE + "; n=$(wc -l < /out/lines); echo run $n; test $n -ge 2";
        daemon.write("web.yaml", pod("web", "", container("init", second), container("app", GOES_ON)));
        awaitLines("init", "init", "app");
        assertEquals("run 2\n", daemon.cli("logs", "web", "-c", "init"));
        assertEquals("run 1\n", daemon.cli("logs", "web", "-c", "init", "-p"));
        assertTrue(daemon.cli("logs", "web", "-c", "other").contains("it has: app, init"));
    }

    @Test
    void aFailedInitContainerEndsAPodOfPolicyNever() throws Exception {
        daemon.write(
                "web.yaml",
                pod(
                        "web",
                        "restartPolicy: Never",
                        container("init", RUNS_ONCE + "; exit 3"),
                        container("app", GOES_ON)));
        awaitStatus("web", "\"phase\":\"Failed\"");
        daemon.await("its end", () -> over("web"));
        daemon.kill();
        daemon.start();
        daemon.holdsFor("it stays ended", Duration.ofSeconds(2), () -> over("web"));
        awaitStatus("web", "\"phase\":\"Failed\"");
        assertEquals(List.of("init"), lines());
    }

    @Test
    void completedInitContainersAreNotRunAgainWithTheirMainContainerButInANewSandbox() throws Exception {
        daemon.write("web.yaml", pod("web", "", container("init", RUNS_ONCE), container("app", GOES_ON)));
        awaitLines("init", "app");
        daemon.crash(running("web", "app"));
        awaitLines("init", "app", "app");
        daemon.kill();
        daemon.start();
        PodSandbox sandbox = daemon.sandboxes("web").getFirst();
        String info =
                daemon.runtime().podSandboxStatusVerbose(sandbox.id()).info().toString();
        long pause = Long.parseLong(info.replaceAll("(?s).*?\"pid\":\\s*(\\d+).*", "$1"));
        ProcessHandle.of(pause).orElseThrow().destroyForcibly();
        daemon.await(
                "all to begin again",
                () -> lines().size() >= 5
                        && lines().subList(lines().size() - 2, lines().size()).equals(List.of("init", "app")));
    }

    // --- sidecars

    @Test
    void aSidecarStartsInItsTurnAndIsStartedAgainWhateverThePolicyOfThePod() throws Exception {
        daemon.write(
                "web.yaml",
                pod(
                        "web",
                        "restartPolicy: Never",
                        sidecar("side", "echo $0 >> /out/lines; exec sleep 1000")
                                + container("init", "until grep -q side /out/lines; do sleep 0.1; done; " + RUNS_ONCE),
                        container("app", GOES_ON)));
        awaitLines("side", "init", "app");
        daemon.crash(running("web", "side"));
        awaitLines("side", "init", "app", "side");
        assertEquals(List.of("app", "side"), names(daemon.running("web")));
    }

    @Test
    void sidecarsDoNotKeepAPodAlive() throws Exception {
        daemon.write(
                "job.yaml",
                pod(
                        "job",
                        "restartPolicy: OnFailure",
                        sidecar("side", GOES_ON),
                        container("app", "until test -e /out/go; do sleep 0.1; done; " + RUNS_ONCE)));
        awaitLines("side");
        running("job", "app");
        allow("go");
        awaitLines("side", "app", "side ends");
        daemon.await("its end", () -> over("job"));
        awaitStatus("job", "\"phase\":\"Succeeded\"");
    }

    @Test
    void mainContainersStopFirstAndThenSidecarsTheLastOneFirst() throws Exception {
        String slow = "trap 'sleep 1; echo $0 ends >> /out/lines; exit 0' TERM; "
                + "echo $0 >> /out/lines; while :; do sleep 1000 & wait; done";
        daemon.write(
                "web.yaml",
                pod("web", "", sidecar("first", GOES_ON) + sidecar("second", slow), container("app", slow)));
        awaitLines("first", "second", "app");
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals(List.of("first", "second", "app", "app ends", "second ends", "first ends"), lines());
    }

    @Test
    void aSidecarHasTwoSecondsEvenWhenTheOthersUsedTheWholeGracePeriod() throws Exception {
        String deaf = "trap '' TERM; echo $0 >> /out/lines; while :; do sleep 1; done";
        daemon.write("web.yaml", pod("web", "", sidecar("side", GOES_ON), container("app", deaf)));
        awaitLines("side", "app");
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals(List.of("side", "app", "side ends"), lines());
    }

    // --- policies and rules of containers

    @Test
    void aContainerHasAPolicyAndRulesOfItsOwn() throws Exception {
        daemon.write(
                "web.yaml",
                pod(
                        "web",
                        "restartPolicy: Never",
                        "",
                        container(
                                        "again",
                                        RUNS_ONCE + "; test -e /out/again && sleep 1000; touch /out/again",
                                        "restartPolicy: Always")
                                + container(
                                        "ruled",
                                        "test -e /out/ruled && exit 1; touch /out/ruled; exit 42",
                                        "restartPolicy: Never",
                                        "restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]")
                                + container("once", "exit 42")));
        daemon.await(
                "their last instances",
                () -> attempts("web", "again", ContainerState.RUNNING).equals(List.of(1))
                        && attempts("web", "ruled", ContainerState.EXITED).equals(List.of(0, 1)));
        daemon.holdsFor(
                "nothing more",
                Duration.ofSeconds(1),
                () -> attempts("web", "once", ContainerState.EXITED).equals(List.of(0))
                        && attempts("web", "ruled", ContainerState.EXITED).equals(List.of(0, 1)));
        awaitStatus("web", "\"phase\":\"Running\"");
    }

    private List<Integer> attempts(String pod, String name, ContainerState state) {
        return daemon.containers(pod).stream()
                .filter(c -> c.metadata().name().equals(name) && c.state() == state)
                .map(c -> c.metadata().attempt())
                .sorted()
                .toList();
    }

    @Test
    void aRuleRestartsAllContainersFromTheFirstInitContainerInTheSameSandbox() throws Exception {
        daemon.write(
                "web.yaml",
                pod(
                        "web",
                        "restartPolicy: Never",
                        container("init", RUNS_ONCE) + sidecar("side", "echo $0 >> /out/lines; exec sleep 1000"),
                        container("other", "echo $0 >> /out/lines; exec sleep 1000")
                                + container(
                                        "app",
                                        "until grep -q other /out/lines; do sleep 0.1; done; " + RUNS_ONCE
                                                + "; test -e /out/again && exec sleep 1000; touch /out/again; exit 42",
                                        "restartPolicy: Never",
                                        restartsAll(42))));
        awaitLines("init", "side", "other", "app", "init", "side", "other", "app");
        assertEquals(1, daemon.sandboxes("web").size());
        assertEquals(List.of("app", "other", "side"), names(daemon.running("web")));
        assertTrue(daemon.running("web").stream().allMatch(c -> c.metadata().attempt() == 1));
        awaitStatus("web", "\"phase\":\"Running\"");
        int logged = daemon.log().length();
        daemon.kill();
        daemon.start();
        daemon.holdsFor(
                "the same containers",
                Duration.ofSeconds(2),
                () -> lines().size() == 8 && daemon.running("web").size() == 3);
        String since = daemon.log().substring(logged);
        assertTrue(!since.contains("action="), since);
    }

    // --- its end

    @Test
    void aPodIsStoppedWhenItsTimeIsOverAndStaysSoUntilItsManifestChanges() throws Exception {
        String limited = pod("web", "activeDeadlineSeconds: 3", sidecar("side", GOES_ON), container("app", GOES_ON));
        daemon.write("web.yaml", limited);
        awaitLines("side", "app");
        awaitLines("side", "app", "app ends", "side ends");
        String words = "Pod was active on the node longer than the specified deadline";
        awaitStatus("web", "\"phase\":\"Failed\"", "\"reason\":\"DeadlineExceeded\"", words);
        daemon.await("its end", () -> over("web"));
        daemon.kill();
        daemon.start();
        awaitStatus("web", "\"phase\":\"Failed\"", "\"reason\":\"DeadlineExceeded\"", words);
        daemon.holdsFor("it stays ended", Duration.ofSeconds(2), () -> over("web"));
        assertEquals(4, lines().size());
        daemon.write("web.yaml", limited.replace("activeDeadlineSeconds: 3", "activeDeadlineSeconds: 3000"));
        awaitLines("side", "app", "app ends", "side ends", "side", "app");
    }

    @Test
    void theTimeOfAPodCountsFromItsStartAlsoWhenTheDaemonIsRestarted() throws Exception {
        daemon.write("web.yaml", pod("web", "activeDeadlineSeconds: 4", "", container("app", GOES_ON)));
        awaitLines("app");
        daemon.kill();
        PodSandbox sandbox = daemon.sandboxes("web").getFirst();
        daemon.start();
        awaitLines("app", "app ends");
        Container app = daemon.containers("web").getFirst();
        daemon.await("its end", () -> over("web"));
        Duration ran = Duration.between(
                daemon.runtime().podSandboxStatus(sandbox.id()).createdAt(),
                daemon.status(app).finishedAt());
        assertTrue(ran.compareTo(Duration.ofSeconds(4)) >= 0, "ran only " + ran);
    }

    @Test
    void podsThatHadEndedStayEndedAfterARebootAndOthersBeginAgain() throws Exception {
        daemon.close();
        List<String> expected = new ArrayList<>();
        try (OwnContainerd containerd = new OwnContainerd()) {
            daemon = new DaemonProcess(containerd.socket(), List.of()).start();
            out = Files.createDirectory(daemon.home.resolve("out"));
            daemon.write(
                    "job.yaml",
                    pod("job", "restartPolicy: OnFailure", sidecar("side", GOES_ON), container("job", RUNS_ONCE)));
            daemon.await("the end of job", () -> over("job"));
            daemon.write(
                    "once.yaml", pod("once", "restartPolicy: Never", "", container("once", RUNS_ONCE + "; exit 3")));
            daemon.await("the end of once", () -> over("once"));
            daemon.write("cut.yaml", pod("cut", "restartPolicy: Never", "", container("cut", GOES_ON)));
            running("cut", "cut");
            daemon.write("web.yaml", pod("web", "", container("init", RUNS_ONCE), container("app", GOES_ON)));
            awaitLines("side", "job", "side ends", "once", "cut", "init", "app");
            daemon.kill();
            containerd.reboot();
            expected.addAll(lines());
            daemon.start();
            expected.addAll(List.of("init", "app"));
            awaitLines(expected.toArray(String[]::new));
            awaitStatus("job", "\"phase\":\"Succeeded\"");
            awaitStatus("once", "\"phase\":\"Failed\"");
            awaitStatus("cut", "\"phase\":\"Failed\"");
            daemon.holdsFor(
                    "they stay ended",
                    Duration.ofSeconds(2),
                    () -> lines().equals(expected) && over("job") && over("once"));
            daemon.close();
            daemon = null;
        }
    }
}
