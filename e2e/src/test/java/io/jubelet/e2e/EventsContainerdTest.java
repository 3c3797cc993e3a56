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
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The events of pods on real containerd. */
@OnContainerd
class EventsContainerdTest {

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

    /** The events of a pod as rows of type, reason and message, the one that happened last is last. */
    private List<String> events(String pod) {
        String rows = daemon.cliQuietly("get", "events", "--for", "pod/" + pod, "--no-headers");
        return rows.strip().lines().map(EventsContainerdTest::withoutTime).toList();
    }

    private static String withoutTime(String row) {
        String[] cells = row.split(" {3,}", 5);
        return cells.length == 5 ? cells[1] + " " + cells[2] + " " + cells[4] : row;
    }

    private void awaitEvent(String pod, String event) {
        daemon.await(event, () -> events(pod).contains(event));
    }

    @Test
    void startAndEndOfPodAreReportedAsEvents() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        daemon.awaitRunning("web");
        awaitEvent("web", "Normal Started Started container app");
        assertEquals(
                List.of(
                        "Normal Pulled app: Container image \"docker.io/library/busybox:1\" already present on machine and can"
                                + " be accessed by the pod",
                        "Normal Created Created container: app",
                        "Normal Started Started container app"),
                events("web"));
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        awaitEvent("web", "Normal Killing Stopping container app");
    }

    private String json() {
        return daemon.cliQuietly("get", "events", "--for", "pod/loop", "-o", "json");
    }

    private static int starts(String json) {
        Matcher started = Pattern.compile("\"reason\": \"Started\",.*?\"count\": (\\d+)", Pattern.DOTALL)
                .matcher(json);
        return started.find() ? Integer.parseInt(started.group(1)) : 0;
    }

    @Test
    void aRestartIsCountedAndABackOffIsAWarning() throws Exception {
        // The third instance goes on, so that the number of starts is the same whenever it is looked at.
        daemon.write(
                "loop.yaml",
                pod(
                                "loop",
                                "echo x >> /v/starts; test $(wc -l < /v/starts) = 3 || exit 7; " + sleeper(),
                                "  volumes: [{name: v, emptyDir: {}}]")
                        + "    volumeMounts: [{name: v, mountPath: /v}]\n");
        daemon.await(
                "the third instance",
                () -> daemon.running("loop").stream()
                        .anyMatch(container -> container.metadata().attempt() == 2));
        daemon.await("its event", () -> starts(json()) == 3);
        assertTrue(
                events("loop").stream()
                        .anyMatch(
                                event -> event.startsWith("Warning BackOff Back-off restarting failed container app in"
                                        + " pod loop-" + daemon.node + "_default(")),
                () -> events("loop").toString());
        String json = json();
        assertTrue(
                json.contains("\"kind\": \"EventList\"") && json.contains("\"fieldPath\": \"spec.containers{app}\""));
        String described = daemon.cli("describe", "pod", "loop");
        String end = described.substring(described.indexOf("Events:\n"));
        assertTrue(
                Pattern.compile("Normal +Started +\\S+ \\(x3 over \\S+\\) +jubelet +Started container app\\n")
                        .matcher(end)
                        .find(),
                described);
    }

    @Test
    void failedPullIsReportedAsEvent() throws Exception {
        daemon.write("pull.yaml", pod("pull", "true").replace("docker.io/library/busybox:1", "localhost:1/none:1"));
        daemon.await(
                "the pull and its failure",
                () -> events("pull").contains("Normal Pulling app: Pulling image \"localhost:1/none:1\"")
                        && events("pull").contains("Warning Failed app: Error: RegistryUnavailable")
                        && events("pull").stream()
                                .anyMatch(event -> event.startsWith(
                                        "Warning Failed app: Failed to pull image \"localhost:1/none:1\": ")));
        daemon.write(
                "never.yaml",
                pod("never", "true")
                        .replace("docker.io/library/busybox:1", "localhost:1/never:1")
                        .replace("IfNotPresent", "Never"));
        awaitEvent(
                "never",
                "Warning ErrImageNeverPull app: Container image \"localhost:1/never:1\" is not present with pull policy of Never");
        awaitEvent("never", "Warning Failed app: Error: ErrImageNeverPull");
    }

    @Test
    void failedStartIsReportedAsEvent() throws Exception {
        daemon.write("bad.yaml", pod("bad", "true").replace("[\"sh\"", "[\"/no/such/program\""));
        daemon.await(
                "the failure",
                () -> events("bad").stream()
                        .anyMatch(event ->
                                event.startsWith("Warning Failed app: Error: ") && event.contains("/no/such/program")));
    }

    @Test
    void exitOfSandboxIsReportedAsEvent() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        Container before = daemon.awaitRunning("web");
        daemon.runtime().stopPodSandbox(before.podSandboxId());
        daemon.awaitReplaced("web", before);
        awaitEvent("web", "Normal SandboxChanged Pod sandbox changed, it will be killed and re-created.");
    }

    @Test
    void aWatchShowsWhatHappensNext() throws Exception {
        try (Commands.Running watch = daemon.follow("get", "events", "-w")) {
            daemon.write("web.yaml", pod("web", sleeper()));
            watch.awaitPrinted("Started container app\n");
            daemon.crash(daemon.awaitRunning("web"));
            daemon.await("the second start", () -> watch.printed().split("Started container app\n", -1).length >= 3);
        }
    }

    @Test
    void eventsOfOneNamespaceAreShownAlone() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        daemon.write(
                "other.yaml", pod("other", sleeper()).replace("  name: other", "  name: other\n  namespace: apart"));
        daemon.awaitRunning("web");
        daemon.awaitRunning("other");
        awaitEvent("web", "Normal Started Started container app");
        daemon.await(
                "its own events alone",
                () -> daemon.cliQuietly("get", "events", "-n", "apart").contains("pod/other-"));
        assertTrue(!daemon.cli("get", "events", "-n", "apart").contains("pod/web-"));
        String all = daemon.cli("get", "events");
        assertTrue(all.startsWith("NAMESPACE   LAST SEEN   TYPE     REASON    OBJECT") && all.contains("apart"), all);
    }
}
