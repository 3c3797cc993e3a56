/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Unmodified kubectls, and informers of client-go, on the Kubernetes API of a node without a cluster. */
@OnContainerd
@Tag("download")
class KubectlContainerdTest {

    private static final String KUBECTL_36 = "jubelet.test.kubectl";
    private static final String KUBECTL_20 = "jubelet.test.kubectl-1.20";

    private static final String WEB = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: web
              labels:
                app: web
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: app
                image: docker.io/library/busybox:1
                imagePullPolicy: IfNotPresent
                command:
                - sh
                - -c
                - |
                  mkdir /tmp/www && echo page > /tmp/www/index.html && httpd -p 8080 -h /tmp/www
                  echo ready
                  trap 'exit 0' TERM
                  while :; do sleep 1000 & wait; done
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: colours
              namespace: shop
            data:
              sky: blue
            """;

    private static DaemonProcess daemon;
    private static Path kubeconfig;

    @BeforeAll
    static void serve() throws Exception {
        daemon = new DaemonProcess().start("--serve-kubernetes-api=127.0.0.1:" + ServerProcess.freePort());
        daemon.write("web.yaml", WEB);
        daemon.awaitRunning("web");
        kubeconfig = Files.writeString(
                daemon.home.resolve("kubeconfig"),
                daemon.jubelet("kubeconfig", "--root-dir", daemon.rootDir.toString())
                        .out());
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private static List<String> command(String property, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ServerProcess.program(property).toString(),
                "--kubeconfig",
                kubeconfig.toString(),
                "--cache-dir",
                daemon.home.resolve(property).toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static Commands.Outcome kubectl(String property, String... arguments)
            throws IOException, InterruptedException {
        return Commands.run(command(property, arguments));
    }

    /** What a command prints that must succeed. */
    private static String printed(String property, String... arguments) throws IOException, InterruptedException {
        Commands.Outcome outcome = kubectl(property, arguments);
        assertEquals(0, outcome.exitCode(), () -> String.join(" ", arguments) + ": " + outcome);
        return outcome.out();
    }

    private static String pod() {
        return "web-" + daemon.node;
    }

    @ParameterizedTest
    @ValueSource(strings = {KUBECTL_36, KUBECTL_20})
    void getsWhatIsThere(String kubectl) throws Exception {
        String pods = printed(kubectl, "get", "pods", "-A", "-o", "wide");
        assertTrue(
                pods.matches("(?s)NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS"
                        + " GATES\\s+default +" + pod() + " +1/1 +Running +0 +\\S+ +[0-9.]+ +" + daemon.node
                        + " +<none> +<none>\\s+"),
                pods);
        assertEquals("pod/" + pod() + "\n", printed(kubectl, "get", "pods", "-l", "app=web", "-o", "name"));
        assertEquals("", printed(kubectl, "get", "pods", "-l", "app!=web", "-o", "name"));
        assertEquals(
                "Running",
                printed(
                        kubectl,
                        "get",
                        "pods",
                        "--field-selector",
                        "spec.nodeName=" + daemon.node,
                        "-o",
                        "jsonpath={.items[0].status.phase}"));
        assertTrue(printed(kubectl, "get", "pod", pod(), "-o", "yaml").contains("kind: Pod"));
        assertTrue(printed(kubectl, "get", "nodes").matches("(?s)NAME.*" + daemon.node + " +Ready .*"));
        assertTrue(printed(kubectl, "get", "namespaces").contains("shop"));
        assertEquals(
                "blue", printed(kubectl, "get", "configmap", "colours", "-n", "shop", "-o", "jsonpath={.data.sky}"));
        assertTrue(printed(kubectl, "get", "events").contains("Started container app"));
        assertTrue(printed(kubectl, "api-resources").contains("pods"));
        assertTrue(printed(kubectl, "version").contains("1.36"));
        Commands.Outcome secrets = kubectl(kubectl, "get", "secrets");
        assertTrue(secrets.err().contains("doesn't have a resource type \"secrets\""), secrets::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {KUBECTL_36, KUBECTL_20})
    void describesAndExplains(String kubectl) throws Exception {
        String pod = printed(kubectl, "describe", "pod", pod());
        assertTrue(pod.contains("Labels:") && pod.contains("app=web") && pod.contains("Started container app"), pod);
        String node = printed(kubectl, "describe", "node", daemon.node);
        assertTrue(node.contains("Non-terminated Pods:          (1 in total)"), node);
        assertTrue(printed(kubectl, "explain", "pod.spec.containers.command").contains("command <[]string>"));
        assertEquals(
                "pod/" + pod() + " condition met\n",
                printed(kubectl, "wait", "--for=condition=Ready", "pod/" + pod(), "--timeout=20s"));
    }

    @ParameterizedTest
    @ValueSource(strings = {KUBECTL_36, KUBECTL_20})
    void readsLogs(String kubectl) throws Exception {
        assertEquals("ready\n", printed(kubectl, "logs", pod()));
        assertTrue(printed(kubectl, "logs", "-l", "app=web", "--prefix").endsWith("/app] ready\n"));
        try (Commands.Running log = Commands.start(command(kubectl, "logs", "-f", pod()))) {
            log.awaitPrinted("ready\n");
        }
        assertTrue(kubectl(kubectl, "logs", "none").err().contains("pods \"none\" not found"));
    }

    @ParameterizedTest
    @ValueSource(strings = {KUBECTL_36, KUBECTL_20})
    void showsWhatIsUsed(String kubectl) throws Exception {
        String pods = printed(kubectl, "top", "pods", "--containers");
        assertTrue(
                pods.matches(
                        "(?s)POD +NAME +CPU\\(cores\\) +MEMORY\\(bytes\\)\\s+" + pod() + " +app +\\d+m +\\d+Mi\\s+"),
                pods);
        String nodes = printed(kubectl, "top", "nodes");
        assertTrue(nodes.matches("(?s)NAME .*" + daemon.node + " +\\d+m +\\d+% +\\d+Mi +\\d+%\\s+"), nodes);
    }

    @ParameterizedTest
    @ValueSource(strings = {KUBECTL_36, KUBECTL_20})
    void runsCommandsAndCopiesFiles(String kubectl) throws Exception {
        assertEquals("hi\n", printed(kubectl, "exec", pod(), "--", "echo", "hi"));
        Commands.Outcome failed = kubectl(kubectl, "exec", pod(), "--", "sh", "-c", "echo no >&2; exit 3");
        assertEquals(3, failed.exitCode(), failed::toString);
        assertTrue(failed.err().contains("no\n"), failed::toString);
        Path sent = Files.write(daemon.home.resolve("sent"), new byte[1 << 20]);
        Path back = daemon.home.resolve("back");
        printed(kubectl, "cp", sent.toString(), pod() + ":/tmp/sent");
        printed(kubectl, "cp", pod() + ":/tmp/sent", back.toString());
        assertEquals(-1, Files.mismatch(sent, back));
        assertTrue(daemon.log().contains("/app by the holder of the kubeconfig at 127.0.0.1: [echo, hi]"), daemon::log);
    }

    @ParameterizedTest
    @ValueSource(strings = {KUBECTL_36, KUBECTL_20})
    void forwardsPorts(String kubectl) throws Exception {
        int port = ServerProcess.freePort();
        try (Commands.Running forward = Commands.start(command(kubectl, "port-forward", pod(), port + ":8080"))) {
            forward.awaitPrinted("Forwarding from 127.0.0.1:" + port + " -> 8080");
            for (int i = 0; i < 3; i++) {
                try (InputStream page =
                        URI.create("http://127.0.0.1:" + port + "/").toURL().openStream()) {
                    assertEquals("page\n", new String(page.readAllBytes(), StandardCharsets.US_ASCII));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {KUBECTL_36, KUBECTL_20})
    void writesAreRefusedWithTheFileToEdit(String kubectl) throws Exception {
        String file = daemon.manifests.resolve("web.yaml").toString();
        for (String[] write : new String[][] {
            {"delete", "pod", pod()},
            {"label", "pod", pod(), "a=b"},
            {"replace", "-f", file},
            {"delete", "configmap", "colours", "-n", "shop"},
        }) {
            Commands.Outcome refused = kubectl(kubectl, write);
            assertEquals(1, refused.exitCode(), refused::toString);
            assertTrue(refused.err().contains("(MethodNotAllowed)"), refused::toString);
            assertTrue(refused.err().contains("its manifest " + file), refused::toString);
        }
        if (kubectl.equals(KUBECTL_36)) {
            Commands.Outcome debug = kubectl(kubectl, "debug", pod(), "--image=docker.io/library/busybox:1");
            assertTrue(debug.err().contains("cannot add ephemeral containers to pods"), debug::toString);
            assertTrue(debug.err().contains("its manifest " + file), debug::toString);
        }
        for (String[] create : new String[][] {
            {"apply", "-f", file},
            {"apply", "--dry-run=server", "-f", file},
            {"diff", "-f", file},
            {"create", "-f", file},
            {"run", "x", "--image=busybox"}
        }) {
            Commands.Outcome refused = kubectl(kubectl, create);
            assertTrue(refused.err().contains("put a manifest into " + daemon.manifests), refused::toString);
        }
        assertEquals(1, daemon.running("web").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {KUBECTL_36, KUBECTL_20})
    void saysWhatIsAllowed(String kubectl) throws Exception {
        assertEquals("yes\n", printed(kubectl, "auth", "can-i", "list", "pods", "-A"));
        assertEquals("yes\n", printed(kubectl, "auth", "can-i", "create", "pods", "--subresource=exec"));
        Commands.Outcome denied = kubectl(kubectl, "auth", "can-i", "delete", "pod/" + pod());
        assertEquals(1, denied.exitCode(), denied::toString);
        assertTrue(denied.out().startsWith("no - cannot delete pods"), denied::toString);
        assertTrue(denied.out().contains("its manifest " + daemon.manifests.resolve("web.yaml")), denied::toString);
        String rules = printed(kubectl, "auth", "can-i", "--list");
        assertTrue(rules.contains("pods/exec"), rules);
        if (kubectl.equals(KUBECTL_36)) {
            assertTrue(printed(kubectl, "auth", "whoami").contains("jubelet-admin"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {KUBECTL_36, KUBECTL_20})
    void watchesAndWaitsForChanges(String kubectl) throws Exception {
        try (Commands.Running watch = Commands.start(command(kubectl, "get", "pods", "-w"))) {
            watch.awaitPrinted(pod());
            daemon.write("more.yaml", DaemonProcess.pod("more", DaemonProcess.sleeper()));
            Eventually.await(
                    "the new pod to run",
                    watch::printed,
                    text -> text.lines().anyMatch(line -> line.matches("more-" + daemon.node + " +1/1 +Running .*")));
            daemon.remove("more.yaml");
            assertTrue(printed(kubectl, "wait", "--for=delete", "pod/more-" + daemon.node, "--timeout=30s")
                    .lines()
                    .allMatch(line -> line.endsWith("condition met")));
            Eventually.await(
                    "its end",
                    watch::printed,
                    text -> text.lines()
                            .anyMatch(line -> line.matches("more-" + daemon.node + " +[01]/1 +Terminating .*")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-watch-list=true", "-watch-list=false"})
    void informersListOnce(String how) throws Exception {
        List<String> command = List.of(
                ServerProcess.program("jubelet.test.informers").toString(),
                "-kubeconfig",
                kubeconfig.toString(),
                "-for=8s",
                how);
        try (Commands.Running informers = Commands.start(command)) {
            informers.awaitPrinted("synced");
            daemon.write("seen.yaml", DaemonProcess.pod("seen", DaemonProcess.sleeper()));
            daemon.awaitRunning("seen");
            daemon.remove("seen.yaml");
            assertEquals(0, informers.awaitEnd(), informers::printed);
            assertFalse(informers.printed().contains(" failed=0 added=0 "), informers::printed);
            assertTrue(informers.printed().contains(" failed=0 "), informers::printed);
        }
    }

    /** Each command of docs/kubectl.md below which its output stands prints that, but for names, times and addresses. */
    @Test
    void pageShowsWhatIsPrinted() throws Exception {
        Map<String, String> shown = new TreeMap<>();
        String command = "";
        for (String line : Files.readAllLines(Commands.source().resolve("docs/kubectl.md"))) {
            if (line.startsWith("    $ kubectl ")) {
                command = line.substring("    $ kubectl ".length());
                shown.put(command, "");
            } else if (line.startsWith("    ") && !command.isEmpty()) {
                shown.merge(command, line.substring(4) + "\n", String::concat);
            } else {
                command = "";
            }
        }
        assertTrue(shown.size() >= 5, shown::toString);
        for (Map.Entry<String, String> each : shown.entrySet()) {
            List<String> arguments = new ArrayList<>();
            for (String argument : each.getKey().replace("edge7", daemon.node).split(" ")) {
                arguments.add(argument);
            }
            Commands.Outcome outcome = kubectl(KUBECTL_36, arguments.toArray(String[]::new));
            assertEquals(normal(each.getValue()), normal(outcome.out() + outcome.err()), each.getKey());
        }
    }

    private static String normal(String text) {
        return text.replace(daemon.node, "edge7")
                .replace(daemon.manifests.toString(), "/etc/kubernetes/manifests")
                .replaceAll("\\b(\\d+[dhms])+\\b", "AGE")
                .replaceAll("\\b\\d+(\\.\\d+){3}\\b", "IP")
                .replaceAll("jubelet-\\S+", "jubelet-VERSION")
                .replaceAll(" +", " ")
                .strip();
    }
}
