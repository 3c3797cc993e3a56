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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The facts that a container gets about itself, and those that the API shows about it, on real containerd. */
@OnContainerd
class FactsContainerdTest {

    private DaemonProcess daemon;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess("--node-ip=192.0.2.77").start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    /** A pod of policy Never with one container; {@code more} are further lines of the container, indented by four. */
    private static String once(String name, String script, String more) {
        return pod(name, script, "  restartPolicy: Never") + more.indent(4);
    }

    private String api(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }

    private Container only(String pod) {
        daemon.await("a container of " + pod, () -> daemon.containers(pod).size() == 1);
        return daemon.containers(pod).getFirst();
    }

    private void awaitOutput(String pod, String text) {
        Container container = only(pod);
        daemon.await("\"" + text + "\"", () -> daemon.output(container).equals(text));
    }

    // --- environment

    @Test
    void aContainerSeesFieldsOfItsPodAndExpandsThem() throws Exception {
        daemon.write("fields.yaml", """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: fields
                  namespace: default
                  labels: {app: shop, "example.org/tier": back}
                  annotations: {note: "two words"}
                spec:
                  restartPolicy: Never
                  containers:
                  - name: app
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    env:
                    - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                    - {name: NS, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
                    - {name: ID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}
                    - {name: TIER, valueFrom: {fieldRef: {fieldPath: "metadata.labels['example.org/tier']"}}}
                    - {name: NOTE, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['note']"}}}
                    - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
                    - {name: SA, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}}
                    - {name: HOST_IP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
                    - {name: HOST_IPS, valueFrom: {fieldRef: {fieldPath: status.hostIPs}}}
                    - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                    - {name: IPS, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}
                    - {name: ALL, value: "$(NAME) $(NS) $(ID) $(TIER) $(NOTE) $(NODE) [$(SA)] $(HOST_IP) $(HOST_IPS) $(IP) $(IPS) $$(IP)"}
                    command: [sh, -c, 'echo "$ALL"; echo "$0 $1"; grep -c "^$IP" /etc/hosts; sleep 1000', "$(NAME)"]
                    args: ["$(TIER)"]
                """);
        Container container = only("fields");
        // It goes on, for when it has ended its sandbox is stopped, which has no address then.
        String ip = daemon.runtime()
                .podSandboxStatus(container.podSandboxId())
                .network()
                .ip();
        String name = "fields-" + daemon.node;
        String uid = container.labels().get("io.kubernetes.pod.uid");
        awaitOutput(
                "fields",
                name + " default " + uid + " back two words " + daemon.node + " [] 192.0.2.77 192.0.2.77 " + ip + " "
                        + ip + " $(IP)\n" + name + " back\n1\n");
    }

    @Test
    void onTheHostNetworkTheAddressOfThePodIsThatOfTheNode() throws Exception {
        daemon.write(
                "host.yaml",
                pod("host", "echo $IP", "  restartPolicy: Never\n  hostNetwork: true")
                        + "    env: [{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]\n");
        awaitOutput("host", "192.0.2.77\n");
    }

    @Test
    void aContainerSeesItsRequestsAndLimitsAndWithoutALimitWhatTheNodeHas() throws Exception {
        daemon.write(
                "limits.yaml",
                once("limits", "echo $CPU $MEMORY $MIB $REQUEST; test $FREE -gt 1000000 && echo much", """
                resources:
                  requests: {cpu: 150m, memory: 20Mi}
                  limits: {cpu: 1100m, memory: 33000k}
                env:
                - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
                - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory}}}
                - {name: MIB, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
                - {name: REQUEST, valueFrom: {resourceFieldRef: {containerName: app, resource: requests.cpu, divisor: 1m}}}
                - {name: FREE, valueFrom: {resourceFieldRef: {resource: limits.ephemeral-storage}}}
                """));
        awaitOutput("limits", "2 33000000 32 150\nmuch\n");
    }

    @Test
    void podWaitsForFileOfVariableAndReportsItsAbsence() throws Exception {
        daemon.write(
                "file.yaml",
                pod(
                                "file",
                                "echo \"$WORD,$NONE.\"",
                                "  restartPolicy: Never\n" + "  volumes: [{name: settings, emptyDir: {}}]")
                        + """
                env:
                - {name: WORD, valueFrom: {fileKeyRef: {volumeName: settings, path: app.env, key: WORD}}}
                - {name: NONE, valueFrom: {fileKeyRef: {volumeName: settings, path: no.env, key: X, optional: true}}}
                """.indent(4));
        String missing = "file \\\"app.env\\\" of volume \\\"settings\\\"";
        daemon.await(
                "the reason",
                () -> api("file").contains("\"reason\":\"CreateContainerConfigError\"")
                        && api("file").contains(missing));
        assertTrue(daemon.containers("file").isEmpty());
        try (var uids = Files.list(daemon.rootDir.resolve("pods"))) {
            Path volume = uids.findFirst().orElseThrow().resolve("volumes/kubernetes.io~empty-dir/settings");
            Files.createDirectories(volume);
            Files.writeString(volume.resolve("app.env"), "# settings\nWORD='two words'\n");
        }
        awaitOutput("file", "two words,.\n");
    }

    // --- last words

    @Test
    void theLastWordsOfAContainerAreShownAlsoAfterARestartOfTheDaemon() throws Exception {
        daemon.write(
                "words.yaml",
                once("words", "echo done well > /tmp/words; exit 3", "terminationMessagePath: /tmp/words"));
        String words = "\"exitCode\":3,\"reason\":\"Error\",\"message\":\"done well\\n\"";
        daemon.await("its last words", () -> api("words").contains(words));
        daemon.kill();
        daemon.start();
        daemon.await("its last words again", () -> api("words").contains(words));
    }

    @Test
    void theLogStandsInForTheLastWordsOfAContainerThatFailed() throws Exception {
        daemon.write(
                "log.yaml",
                once(
                        "log",
                        "exec >&2; seq 1 100; echo oops; exit 4",
                        "terminationMessagePolicy: FallbackToLogsOnError"));
        // One stream, for two are logged in no particular order. It may be complete only after the end.
        daemon.await(
                "its last words",
                () -> api("log").contains("oops\\n") && api("log").contains("\\n99\\n"));
        assertTrue(!api("log").contains("\\n20\\n"), () -> api("log"));
    }

    @Test
    void withoutThatPolicyTheLogStaysTheLog() throws Exception {
        daemon.write("quiet.yaml", once("quiet", "echo oops; exit 4", ""));
        daemon.await("its end", () -> api("quiet").contains("\"exitCode\":4"));
        assertTrue(api("quiet").contains("\"exitCode\":4,\"reason\":\"Error\",\"startedAt\""), () -> api("quiet"));
    }

    // --- status

    private String conditionTimes(String pod) {
        StringBuilder times = new StringBuilder();
        Matcher matcher = Pattern.compile(
                        "\"type\":\"\\w+\",\"status\":\"\\w+\"[^}]*?\"lastTransitionTime\":\"[^\"]+\"")
                .matcher(api(pod));
        while (matcher.find()) {
            times.append(matcher.group()).append('\n');
        }
        return times.toString();
    }

    /** When the runtime started the second instance of the container of a pod, in whole seconds. */
    private Instant restarted(String pod) {
        AtomicReference<Container> second = new AtomicReference<>();
        daemon.await("the second instance", () -> {
            daemon.running(pod).stream()
                    .filter(c -> c.metadata().attempt() == 1)
                    .forEach(second::set);
            return second.get() != null;
        });
        return daemon.status(second.get()).startedAt().truncatedTo(ChronoUnit.SECONDS);
    }

    @Test
    void restartsLastStatesAndTimesOfConditionsSurviveARestartOfTheDaemon() throws Exception {
        daemon.write(
                "pair.yaml",
                pod("pair", "sleep 1000")
                                .replace("terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 0")
                        + """
                  - name: other
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [sleep, "1000"]
                """);
        daemon.await("both to run", () -> daemon.running("pair").size() == 2);
        Container app = daemon.running("pair").stream()
                .filter(c -> c.metadata().name().equals("app"))
                .findFirst()
                .orElseThrow();
        daemon.crash(app);
        daemon.await("its restart", () -> api("pair").contains("\"restartCount\":1"));
        // The time of a start is corrected a second later where it is not certain: then it is that of the runtime.
        String ready = "\"Ready\",\"status\":\"True\"";
        Pattern since = Pattern.compile(ready + "[^\n]*\"lastTransitionTime\":\"" + restarted("pair"));
        daemon.await("to be ready", () -> since.matcher(conditionTimes("pair")).find());
        String before = conditionTimes("pair");
        assertEquals(5, before.lines().count());
        Matcher last = Pattern.compile("\"lastState\":\\{\"terminated\":\\{\"exitCode\":137[^}]*}")
                .matcher(api("pair"));
        assertTrue(last.find(), () -> api("pair"));
        daemon.kill();
        daemon.start();
        daemon.await("its status", () -> conditionTimes("pair").contains(ready));
        assertEquals(before, conditionTimes("pair"));
        assertTrue(api("pair").contains(last.group()) && api("pair").contains("\"restartCount\":1"), () -> api("pair"));
        daemon.holdsFor(
                "no change without a transition",
                Duration.ofSeconds(2),
                () -> conditionTimes("pair").equals(before));
    }

    @Test
    void aContainerThatTookTooMuchMemoryIsOomKilled() throws Exception {
        String script = "until test -e /tmp/go; do sleep 0.1; done; x=a; while :; do x=$x$x; done";
        daemon.write("oom.yaml", once("oom", script, "resources: {limits: {memory: 16Mi}}"));
        // Not at once: containerd begins to look for it when the container runs.
        daemon.runtime().execSync(daemon.awaitRunning("oom").id(), List.of("touch", "/tmp/go"), DaemonProcess.SOON);
        daemon.await("its end", () -> api("oom").contains("\"terminated\":{\"exitCode\":137,\"reason\":\"OOMKilled\""));
        daemon.await(
                "the word in the table",
                () -> daemon.cliQuietly("get", "pods", "oom").contains("OOMKilled"));
    }

    @Test
    void theImageIdIsThatOfTheRuntimeBeforeAndAfterARestartOfTheDaemon() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        Container container = daemon.awaitRunning("web");
        String expected = "\"imageID\":\"" + daemon.status(container).imageRef() + "\"";
        daemon.await("the image id", () -> api("web").contains(expected));
        daemon.kill();
        daemon.start();
        daemon.await("the image id again", () -> api("web").contains(expected));
    }

    // --- terminal, processes

    @Test
    void aContainerHasATerminalWhenItIsToHaveOne() throws Exception {
        daemon.write("tty.yaml", once("tty", "test -t 1 && echo terminal || echo none", "tty: true"));
        daemon.write("notty.yaml", once("notty", "test -t 1 && echo terminal || echo none", ""));
        Container tty = only("tty");
        daemon.await("its output", () -> daemon.output(tty).strip().equals("terminal"));
        awaitOutput("notty", "none\n");
    }

    @Test
    void aContainerWithStdinWaitsForInputAndOneWithoutReadsItsEnd() throws Exception {
        daemon.write("stdin.yaml", once("stdin", "cat; echo end", "stdin: true\nstdinOnce: true"));
        daemon.write("nostdin.yaml", once("nostdin", "cat; echo end", ""));
        awaitOutput("nostdin", "end\n");
        Container waiting = daemon.awaitRunning("stdin");
        assertEquals("", daemon.output(waiting));
    }

    @Test
    void containersOfAPodSeeEachOthersProcessesWhenTheyShareThem() throws Exception {
        String two = """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  terminationGracePeriodSeconds: 1
                  shareProcessNamespace: %s
                  containers:
                  - name: other
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [sleep, "98765"]
                  - name: app
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, "%s; exec sleep 1000"]
                """;
        String look = "ps -o args | grep -c '[9]8765'";
        // The other has been started, but what it runs may not have begun.
        String untilSeen = "until " + look + "; do sleep 0.1; done >/tmp/seen; tail -n 1 /tmp/seen";
        daemon.write("shared.yaml", two.formatted("shared", "true", untilSeen));
        daemon.write("alone.yaml", two.formatted("alone", "false", look));
        for (String pod : List.of("shared", "alone")) {
            daemon.await("both of " + pod, () -> daemon.running(pod).size() == 2);
            Container app = daemon.running(pod).stream()
                    .filter(c -> c.metadata().name().equals("app"))
                    .findFirst()
                    .orElseThrow();
            daemon.await("what it sees", () -> daemon.output(app).equals(pod.equals("shared") ? "1\n" : "0\n"));
        }
    }
}
