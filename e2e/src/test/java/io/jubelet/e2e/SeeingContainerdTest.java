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

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.jubelet.cri.Container;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the commands show of pods on real containerd: those that run, and why others do not. */
@OnContainerd
class SeeingContainerdTest {

    private static DaemonProcess daemon;

    @BeforeAll
    static void startPods() throws Exception {
        daemon = new DaemonProcess().start();
        daemon.write("web.yaml", pod("web", "echo hello; echo oops; " + sleeper()));
        daemon.write("crash.yaml", pod("crash", "echo attempt; exit 3"));
        daemon.write("image.yaml", pod("image", sleeper()).replace("busybox:1", "no-such-image:1"));
        daemon.write(
                "never.yaml",
                pod("never", sleeper()).replace("busybox:1", "no-such-image:2").replace("IfNotPresent", "Never"));
        daemon.write("two.yaml", pod("two", "echo from app; " + sleeper()) + """
              - name: side
                image: docker.io/library/busybox:1
                imagePullPolicy: IfNotPresent
                command: ["sh", "-c", "echo from side; sleep 1000"]
            """);
        daemon.awaitRunning("web");
        daemon.await("the crash loop", () -> daemon.get("/api/v1/pods").contains("CrashLoopBackOff"));
        daemon.await("two containers", () -> daemon.running("two").size() == 2);
        daemon.await("both to be shown", () -> row("two").matches(".* 2/2 .*"));
        awaitOutput("web", "hello\noops\n");
        awaitOutput("two", "from app\n");
        awaitOutput("two", "from side\n");
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private static Commands.Outcome pods() {
        try {
            return daemon.jubelet("get", "pods");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitOutput(String pod, String text) {
        daemon.await(
                "\"" + text + "\"",
                () -> daemon.running(pod).stream()
                        .anyMatch(container -> daemon.output(container).equals(text)));
    }

    private static String row(String pod) {
        return row(pod, daemon.cliQuietly("get", "pods", "--no-headers"));
    }

    private static String row(String pod, String table) {
        return table.lines()
                .filter(line -> line.matches("\\w+ +" + pod + "-.*"))
                .findFirst()
                .orElse("");
    }

    @Test
    void getPodsPrintsTheColumnsOfKubectlAndFootnotesBesideThem() throws Exception {
        // One look is judged, in which neither of them is just tried again.
        AtomicReference<Commands.Outcome> look = new AtomicReference<>();
        daemon.await("both to wait", () -> {
            look.set(pods());
            String table = look.get().out();
            return row("image", table).matches(".* (ErrImagePull|ImagePullBackOff) .*")
                    && row("crash", table).contains(" CrashLoopBackOff ")
                    && look.get().err().contains("(retry ");
        });
        Commands.Outcome pods = look.get();
        assertEquals(0, pods.exitCode());
        List<String> lines = pods.out().lines().toList();
        assertEquals(6, lines.size(), pods.out());
        assertTrue(lines.getFirst().matches("NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE"), lines.getFirst());
        String web = row("web", pods.out());
        assertTrue(web.matches("default +web-" + daemon.node + " +1/1 +Running +0 +\\w+"), web);
        assertTrue(
                row("crash", pods.out())
                        .matches(
                                "default +crash-" + daemon.node + " +0/1 +CrashLoopBackOff +\\d+ \\(\\w+ ago\\) +\\w+"),
                pods.out());
        List<String> notes = pods.err().lines().toList();
        assertEquals(3, notes.size(), pods.err());
        assertTrue(
                notes.get(0)
                        .matches(
                                "! default/crash: container app ended with exit code 3 \\(Error\\) after \\d+ restarts?"
                                        + " \\(retry .*\\)"),
                notes.get(0));
        assertTrue(
                notes.get(1).matches("! default/image: image docker.io/library/no-such-image:1 cannot be pulled: .+"),
                notes.get(1));
        assertTrue(
                notes.get(2)
                        .startsWith("! default/never: image docker.io/library/no-such-image:2 is not on this node, and"
                                + " imagePullPolicy is Never"),
                notes.get(2));
    }

    @Test
    @SuppressWarnings("unchecked")
    void jsonOutputIsAPodList() throws Exception {
        Commands.Outcome json = daemon.jubelet("get", "pods", "-o", "json");
        assertEquals("", json.err());
        Map<String, Object> list = (Map<String, Object>) parse(json.out());
        assertEquals("v1", list.get("apiVersion"));
        assertEquals("PodList", list.get("kind"));
        List<Map<String, Object>> items = (List<Map<String, Object>>) list.get("items");
        assertEquals(5, items.size());
        Map<String, Object> web = items.stream()
                .filter(item ->
                        ((Map<String, Object>) item.get("metadata")).get("name").equals("web-" + daemon.node))
                .findFirst()
                .orElseThrow();
        assertEquals("Running", ((Map<String, Object>) web.get("status")).get("phase"));
        assertEquals(daemon.node, ((Map<String, Object>) web.get("spec")).get("nodeName"));
        Map<String, Object> one = (Map<String, Object>) parse(daemon.cli("get", "pod", "web", "-o", "json"));
        assertEquals("Pod", one.get("kind"));
    }

    @Test
    void yamlOutputIsAManifestThatSaysWhatBecameOfIt() throws Exception {
        String yaml = daemon.cli("get", "pod", "web", "-o", "yaml");
        assertTrue(yaml.startsWith("apiVersion: v1\nkind: Pod\nmetadata:\n"), yaml);
        assertTrue(yaml.contains("  phase: Running\n"), yaml);
        assertTrue(daemon.cli("get", "pods", "-o", "yaml").contains("kind: PodList\n"));
    }

    @Test
    void describeTellsTheWayFromTheFileToTheContainer() throws Exception {
        String web = daemon.cli("describe", "pod", "web");
        String[] steps = {"file", "parse", "admission", "image", "sandbox", "container"};
        int at = web.indexOf("Why:              the pod has no problem\n");
        assertTrue(at > 0, web);
        for (String step : steps) {
            int next = web.indexOf("\n  ok  " + step, at);
            assertTrue(next > 0, () -> "no step " + step + " in " + web);
            at = next;
        }
        assertTrue(web.contains("Manifest:         " + daemon.manifests.resolve("web.yaml") + " (Accepted for"), web);
        String never = daemon.cli("describe", "pod", "never");
        assertTrue(
                never.contains("  !!  image      image docker.io/library/no-such-image:2 is not on this node"), never);
        assertTrue(never.contains("  ..  container  container app is waiting for its image"), never);
    }

    @Test
    void logsAreThoseOfTheRequestedContainerAndInstance() throws Exception {
        assertEquals("hello\noops\n", daemon.cli("logs", "web"));
        assertEquals("oops\n", daemon.cli("logs", "web", "--tail", "1"));
        assertEquals("", daemon.cli("logs", "web", "--tail", "0"));
        assertEquals("from side\n", daemon.cli("logs", "two", "-c", "side"));
        Commands.Outcome first = daemon.jubelet("logs", "two");
        assertEquals("from app\n", first.out());
        assertEquals("Container app is the default; the pod has app, side; choose one with -c\n", first.err());
        assertEquals("attempt\n", daemon.cli("logs", "crash", "--previous"));
        Commands.Outcome none = daemon.jubelet("logs", "web", "--previous");
        assertEquals(1, none.exitCode());
        assertTrue(none.err().startsWith("error: previous terminated container \"app\""), none.err());
        Commands.Outcome waiting = daemon.jubelet("logs", "never");
        assertEquals(1, waiting.exitCode());
        assertTrue(waiting.err().contains("is waiting to start: ErrImageNeverPull"), waiting.err());
    }

    @Test
    void followedLogsEndWithTheInstanceAndThePreviousOneIsKept() throws Exception {
        daemon.write("ends.yaml", pod("ends", "echo begin one; " + sleeper()));
        Container before = daemon.awaitRunning("ends");
        daemon.await("it to be shown", () -> row("ends").contains("Running"));
        try (Commands.Running log = daemon.follow("logs", "-f", "ends")) {
            log.awaitPrinted("begin");
            daemon.crash(before);
            assertEquals(0, log.awaitEnd(), log::printed);
            assertEquals("begin one\n", log.printed());
        }
        daemon.awaitReplaced("ends", before);
        daemon.await("the past", () -> daemon.cliQuietly("logs", "ends", "-p").equals("begin one\n"));
        daemon.remove("ends.yaml");
        daemon.awaitGone("ends");
        daemon.await("it to be forgotten", () -> row("ends").isEmpty());
    }

    @Test
    void aPodThatIsNotThereIsAnErrorThatSaysWhereToLook() throws Exception {
        Commands.Outcome outcome = daemon.jubelet("describe", "pod", "nobody");
        assertEquals(1, outcome.exitCode());
        assertFalse(outcome.err().isEmpty());
        assertTrue(outcome.err().contains("jubelet get manifests"), outcome.err());
    }

    private static Object parse(String json) throws IOException {
        try (JsonParser in = new JsonFactory().createParser(json)) {
            in.nextToken();
            Object value = value(in);
            assertEquals(null, in.nextToken(), "one value");
            return value;
        }
    }

    private static Object value(JsonParser in) throws IOException {
        if (in.currentToken() == JsonToken.START_OBJECT) {
            Map<String, Object> object = new LinkedHashMap<>();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                in.nextToken();
                object.put(name, value(in));
            }
            return object;
        }
        if (in.currentToken() == JsonToken.START_ARRAY) {
            List<Object> array = new ArrayList<>();
            while (in.nextToken() != JsonToken.END_ARRAY) {
                array.add(value(in));
            }
            return array;
        }
        return in.getText();
    }
}
