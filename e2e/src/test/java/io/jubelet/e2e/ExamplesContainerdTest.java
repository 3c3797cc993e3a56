/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every file of manifests-example/ on real containerd: it becomes what its comments say. */
class ExamplesContainerdTest extends Examples {

    /** Each has a test of what its comments say; a new example fails here until it has one too. */
    private static final Set<String> TOLD = Set.of(
            "dns.yaml",
            "downward.yaml",
            "env-and-args.yaml",
            "grace-period.yaml",
            "hello.yaml",
            "hooks.yaml",
            "host-names.yaml",
            "host-network.yaml",
            "host-port.yaml",
            "hostpath-volume.yaml",
            "init-and-sidecar.yaml",
            "json.json",
            "local-config.yaml",
            "pod-resources.yaml",
            "node-selector.yaml",
            "ports.yaml",
            "private-registry.yaml",
            "probes.yaml",
            "resources.yaml",
            "restart-on-failure.yaml",
            "secret.yaml",
            "two-containers.yaml");

    @BeforeAll
    static void start() throws Exception {
        dropAll(TOLD);
    }

    @Test
    void everyExampleHasATest() throws Exception {
        Set<String> names = examples().stream()
                .map(path -> path.getFileName().toString())
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> told = new TreeSet<>(TOLD);
        told.addAll(ConfinedExamplesContainerdTest.TOLD);
        assertEquals(told, names);
    }

    @Test
    void downward() throws Exception {
        String pod = "/api/v1/namespaces/default/pods/downward-" + daemon.node;
        daemon.await("its success", () -> daemon.get(pod).contains("\"phase\":\"Succeeded\""));
        Pattern sentence =
                Pattern.compile("downward-" + daemon.node + " at [0-9a-f.:]+ is backend, deep blue and has 64 MiB\n");
        daemon.await(
                "its sentence",
                () -> sentence.matcher(daemon.cliQuietly("logs", "downward", "-c", "main"))
                        .matches());
        assertTrue(daemon.get(pod).contains("\"message\":\"I was downward-" + daemon.node + "\\n\""));
    }

    @Test
    void localConfig() throws Exception {
        awaitOutput("local-config", "variable: hello; labels: tier=\"front\"\nfile: hello\n");
        Container before = daemon.awaitRunning("local-config");
        Path file = daemon.manifests.resolve("local-config.yaml");
        daemon.write("local-config.yaml", Files.readString(file).replace("GREETING: hello", "GREETING: good evening"));
        awaitOutput("local-config", "file: good evening\n");
        assertEquals(before.id(), daemon.awaitRunning("local-config").id(), "and the pod goes on");
    }

    @Test
    void secret() throws Exception {
        awaitOutput("secret", "a password of 13 characters\n");
        assertTrue(daemon.cli("get", "manifests").contains("Secret default/database"));
    }

    @Test
    void dns() {
        for (String line : List.of("nameserver 192.0.2.53\n", "search example.com\n", "options ndots:2 edns0\n")) {
            awaitLog("dns", line);
        }
    }

    @Test
    void hostNames() {
        awaitLog("host-names", "shop.web.default.svc\n192.0.2.10\tdb\tdb.example.com\n");
    }

    @Test
    void hostPort() {
        daemon.await(
                "the answer",
                () -> NetworkContainerdTest.said(NetworkContainerdTest.here(), 18080)
                        .equals("Hello through a host port\n"));
    }

    @Test
    void nodeSelector() {
        awaitOutput("node-selector", "at home\n");
    }

    @Test
    void envAndArgs() {
        awaitOutput("env-and-args", "from args: world\n");
        awaitOutput("env-and-args", "from env: Hello, world! This is not expanded: $(GREETING) $(UNKNOWN)\nin /tmp\n");
    }

    @Test
    void gracePeriod() throws Exception {
        awaitOutput("grace-period", "working\n");
        try (Commands.Running log = follow("grace-period")) {
            log.awaitPrinted("working\n");
            daemon.remove("grace-period.yaml");
            log.awaitPrinted("asked to end; finishing work\ndone\n");
            assertEquals(0, log.awaitEnd(), log::printed);
        }
        daemon.awaitGone("grace-period");
    }

    @Test
    void hello() throws Exception {
        try (Commands.Running log = follow("hello")) {
            daemon.await("two lines", () -> log.printed().split("Hello at ", -1).length >= 3);
        }
    }

    @Test
    void hooks() throws Exception {
        daemon.await("both to run", () -> daemon.running("hooks").size() == 2);
        try (Commands.Running log = follow("hooks", "-c", "main")) {
            log.awaitPrinted("working\n");
            log.awaitPrinted("postStart: registered\n");
            daemon.remove("hooks.yaml");
            log.awaitPrinted("preStop: leaving\nasked to end by SIGUSR1\n");
            assertEquals(0, log.awaitEnd(), log::printed);
        }
        daemon.awaitGone("hooks");
    }

    @Test
    void hostNetwork() throws Exception {
        daemon.awaitRunning("host-network");
        daemon.await("the address of the node", () -> {
            String wide = daemon.cliQuietly("get", "pods", "host-network", "-o", "wide", "--no-headers");
            String[] cells = wide.strip().split(" {3,}");
            return cells.length == 9 && onThisHost(cells[6]);
        });
    }

    private static boolean onThisHost(String address) {
        try {
            return java.net.NetworkInterface.getByInetAddress(java.net.InetAddress.getByName(address)) != null;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void hostPathVolume() throws Exception {
        Container container = daemon.awaitRunning("hostpath-volume");
        daemon.await("what it prints of both", () -> daemon.output(container).matches("PRETTY_NAME=.*\n.* UTC .*\n"));
        assertEquals(
                1, Files.readAllLines(daemon.home.resolve("scratch/starts")).size());
    }

    @Test
    void initAndSidecar() throws Exception {
        daemon.await(
                "the app and its sidecar",
                () -> daemon.running("init-and-sidecar").size() == 2);
        Container app = daemon.running("init-and-sidecar").stream()
                .filter(c -> c.metadata().name().equals("app"))
                .findFirst()
                .orElseThrow();
        daemon.await(
                "the order of the start",
                () -> daemon.output(app).equals("prepare has done its work\nlog has started\napp has started\n"));
        assertEquals(daemon.output(app), daemon.cli("logs", "init-and-sidecar", "-c", "app"));
        try (Commands.Running log = follow("init-and-sidecar", "-c", "log")) {
            log.awaitPrinted("log has started\n");
            daemon.remove("init-and-sidecar.yaml");
            log.awaitPrinted("app ends\nlog ends\n");
        }
        daemon.awaitGone("init-and-sidecar");
    }

    @Test
    void json() {
        awaitOutput("json", "written in JSON\n");
    }

    @Test
    void podResources() throws Exception {
        daemon.await("both to run", () -> daemon.running("pod-resources").size() == 2);
        daemon.await(
                "the sentences",
                () -> daemon.cliQuietly("logs", "pod-resources", "-c", "main").equals("I may take 64 MiB\n")
                        && daemon.cliQuietly("logs", "pod-resources", "-c", "helper")
                                .equals("I may take 16 MiB\n"));
    }

    @Test
    void ports() throws Exception {
        Container web = daemon.awaitRunning("ports");
        String ip =
                daemon.runtime().podSandboxStatus(web.podSandboxId()).network().ip();
        daemon.await(
                "the address to be shown",
                () -> daemon.cliQuietly("get", "pods", "-o", "wide").contains(ip));
        HttpRequest question =
                HttpRequest.newBuilder(URI.create("http://" + ip + ":8080/")).build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            daemon.await("the web server", () -> {
                try {
                    return client.send(question, HttpResponse.BodyHandlers.ofString())
                            .body()
                            .equals("Hello from a static pod\n");
                } catch (IOException e) {
                    return false;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            });
        }
    }

    @Test
    void privateRegistry() throws Exception {
        daemon.awaitRunning("private-registry");
        awaitOutput("private-registry", "pulled");
    }

    @Test
    void probes() throws Exception {
        String pod = "/api/v1/namespaces/default/pods/probes-" + daemon.node;
        daemon.await("both to be ready", () -> daemon.get(pod).split("\"ready\":true", -1).length == 3);
        Path unready = Files.createFile(daemon.home.resolve("scratch/unready"));
        daemon.await("one to be unready", () -> daemon.get(pod).contains("containers with unready status: [helper]"));
        Files.delete(unready);
        daemon.await("both to be ready", () -> daemon.get(pod).split("\"ready\":true", -1).length == 3);
        Container web = daemon.running("probes").stream()
                .filter(c -> c.metadata().name().equals("web"))
                .findFirst()
                .orElseThrow();
        Files.createFile(daemon.home.resolve("scratch/stuck"));
        daemon.await(
                "the restart",
                () -> daemon.running("probes").stream()
                        .anyMatch(c -> c.metadata().name().equals("web")
                                && c.metadata().attempt() > web.metadata().attempt()));
    }

    @Test
    void resources() throws Exception {
        daemon.awaitRunning("resources");
        daemon.await("the class", () -> {
            String described = daemon.cliQuietly("describe", "pod", "resources");
            return Pattern.compile("QoS Class: +Burstable").matcher(described).find()
                    && described.contains("memory=64Mi");
        });
    }

    @Test
    void restartOnFailure() throws Exception {
        daemon.await(
                "its success",
                () -> daemon.get("/api/v1/namespaces/default/pods/restart-on-failure-" + daemon.node)
                        .contains("\"phase\":\"Succeeded\""));
        assertEquals("attempt 3\n", daemon.cli("logs", "restart-on-failure"));
        List<Container> attempts = daemon.containers("restart-on-failure").stream()
                .sorted((a, b) -> b.metadata().attempt() - a.metadata().attempt())
                .toList();
        assertEquals(2, attempts.getFirst().metadata().attempt());
        assertTrue(attempts.stream().allMatch(c -> c.state() == ContainerState.EXITED));
        Duration wait = Duration.between(
                daemon.status(attempts.get(1)).finishedAt(),
                daemon.status(attempts.getFirst()).startedAt());
        assertFalse(wait.compareTo(Duration.ofSeconds(10)) < 0, "waited only " + wait);
        String row = daemon.cli("get", "pods", "restart-on-failure", "--no-headers");
        assertTrue(row.contains("Completed") && !row.contains("!"), row);
    }

    @Test
    void twoContainers() throws Exception {
        daemon.await("both to run", () -> daemon.running("two-containers").size() == 2);
        daemon.await(
                "a date",
                () -> daemon.cliQuietly("logs", "two-containers", "-c", "reader")
                        .contains("UTC"));
        Container reader = daemon.running("two-containers").stream()
                .filter(c -> c.metadata().name().equals("reader"))
                .findFirst()
                .orElseThrow();
        daemon.crash(reader);
        daemon.await(
                "the reader's restart",
                () -> daemon.running("two-containers").stream()
                        .anyMatch(c -> c.metadata().attempt() == 1));
        daemon.await("the file to be there still", () -> {
            String log = daemon.cliQuietly("logs", "two-containers", "-c", "reader");
            return log.contains("UTC") && !log.contains("nothing yet");
        });
    }
}
