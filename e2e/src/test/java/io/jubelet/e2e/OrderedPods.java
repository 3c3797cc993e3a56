/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.PodSandboxState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Pods on real containerd whose containers each write a line when they start. */
@OnContainerd
abstract class OrderedPods {

    /** Runs until it gets TERM, and then writes that it ends. */
    static final String GOES_ON = "trap 'echo $0 ends >> /out/lines; exit 0' TERM; "
            + "echo $0 >> /out/lines; while :; do sleep 1000 & wait; done";

    static final String RUNS_ONCE = "echo $0 >> /out/lines";

    DaemonProcess daemon;
    Path out;

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

    /** One container; its script finds its name in $0 and the directory of all lines at /out. */
    static String container(String name, String script, String... more) {
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

    static String sidecar(String name, String script) {
        return container(name, script, "restartPolicy: Always");
    }

    String pod(String name, String spec, String inits, String mains) {
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

    static String restartsAll(int exitCode) {
        return "restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [" + exitCode
                + "]}}]";
    }

    List<String> lines() {
        Path file = out.resolve("lines");
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of("unreadable: " + e);
        }
    }

    void awaitLines(String... expected) {
        List<String> wanted = List.of(expected);
        try {
            daemon.await("the lines " + wanted, () -> lines().equals(wanted));
        } catch (AssertionError e) {
            throw new AssertionError("lines are " + lines() + ": " + e.getMessage(), e);
        }
    }

    void allow(String what) throws IOException {
        Files.writeString(out.resolve(what), "");
    }

    Container running(String pod, String name) {
        daemon.await(
                name + " to run",
                () -> daemon.running(pod).stream()
                        .anyMatch(c -> c.metadata().name().equals(name)));
        return daemon.running(pod).stream()
                .filter(c -> c.metadata().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Waits until just these containers run, in the order of their names; a line comes before the runtime says so. */
    void awaitRunning(String pod, String... names) {
        daemon.await(
                List.of(names) + " to run", () -> names(daemon.running(pod)).equals(List.of(names)));
    }

    static List<String> names(List<Container> containers) {
        return containers.stream().map(c -> c.metadata().name()).sorted().toList();
    }

    void awaitStatus(String pod, String... parts) {
        daemon.await("the status " + List.of(parts), () -> {
            String json = daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
            return List.of(parts).stream().allMatch(json::contains);
        });
    }

    /** Nothing runs, and no sandbox is ready. */
    boolean over(String pod) {
        return daemon.running(pod).isEmpty()
                && !daemon.sandboxes(pod).isEmpty()
                && daemon.sandboxes(pod).stream().noneMatch(s -> s.state() == PodSandboxState.READY);
    }

    List<Integer> attempts(String pod, String name, ContainerState state) {
        return daemon.containers(pod).stream()
                .filter(c -> c.metadata().name().equals(name) && c.state() == state)
                .map(c -> c.metadata().attempt())
                .sorted()
                .toList();
    }
}
