/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.ExecResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** downwardAPI and projected volumes, on real containerd. */
@OnContainerd
class ProjectedContainerdTest {

    private static final String HEAD = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: web
              labels: {tier: back, app: shop}
              annotations: {note: "two \\"words\\"", b: c}
            spec:
            """;

    private static final String CONTAINER = """
              containers:
              - name: app
                image: docker.io/library/busybox:1
                imagePullPolicy: IfNotPresent
                command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"]
                resources: {limits: {memory: 64Mi, cpu: 1500m}}
                volumeMounts: [{name: v, mountPath: /v}]
            """;

    private DaemonProcess daemon;

    @BeforeEach
    void startDaemon() throws IOException {
        // What is noticed was told by the kernel, for the directory is not looked at otherwise.
        daemon = new DaemonProcess("--file-check-frequency=1h").start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private Container start(String more) throws IOException {
        daemon.write("web.yaml", HEAD + more.indent(2) + CONTAINER);
        return daemon.awaitRunning("web");
    }

    private String inside(Container container, String script) {
        ExecResult result =
                daemon.runtime().execSync(container.id(), List.of("sh", "-c", script), Duration.ofSeconds(20));
        return new String(result.stdout(), StandardCharsets.UTF_8)
                + new String(result.stderr(), StandardCharsets.UTF_8);
    }

    @Test
    void aPodReadsOfItselfInFiles() throws Exception {
        Container container = start("""
                volumes:
                - name: v
                  downwardAPI:
                    defaultMode: 0440
                    items:
                    - {path: name, fieldRef: {fieldPath: metadata.name}}
                    - {path: about/labels, fieldRef: {fieldPath: metadata.labels}}
                    - {path: about/annotations, fieldRef: {fieldPath: metadata.annotations}}
                    - {path: app, mode: 0400, fieldRef: {fieldPath: "metadata.labels['app']"}}
                    - {path: memory, resourceFieldRef: {containerName: app, resource: limits.memory, divisor: 1Mi}}
                    - {path: cpu, resourceFieldRef: {containerName: app, resource: limits.cpu}}
                """);
        assertEquals("web-" + daemon.node, inside(container, "cat /v/name"));
        assertEquals("app=\"shop\"\ntier=\"back\"", inside(container, "cat /v/about/labels"));
        String annotations = inside(container, "cat /v/about/annotations");
        assertTrue(annotations.startsWith("b=\"c\"\nkubernetes.io/config.hash=\""), annotations);
        assertTrue(
                annotations.endsWith("kubernetes.io/config.source=\"file\"\nnote=\"two \\\"words\\\"\""), annotations);
        assertEquals("shop 64 2", inside(container, "echo -n $(cat /v/app) $(cat /v/memory) $(cat /v/cpu)"));
        assertEquals("440\n400\n", inside(container, "stat -L -c %a /v/name /v/app"));
        assertTrue(inside(container, "grep ' /v ' /proc/self/mounts").startsWith("tmpfs "));
        assertTrue(inside(container, "echo x > /v/name").contains("Read-only file system"));
    }

    @Test
    void severalSourcesShareADirectoryAndBelongToTheFsGroup() throws Exception {
        daemon.write("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: one, same: map}\n");
        Path secret = Files.writeString(
                daemon.home.resolve("s.new"),
                "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {b: two, same: secret}\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.move(secret, daemon.manifests.resolve("s.yaml"), StandardCopyOption.ATOMIC_MOVE);
        Container container = start("""
                securityContext: {fsGroup: 4711, runAsUser: 1000}
                volumes:
                - name: v
                  projected:
                    defaultMode: 0400
                    sources:
                    - configMap: {name: m}
                    - secret: {name: s}
                    - secret: {name: none, optional: true}
                    - downwardAPI: {items: [{path: me, fieldRef: {fieldPath: metadata.namespace}}]}
                """);
        assertEquals(
                "one two secret default",
                inside(container, "echo $(cat /v/a) $(cat /v/b) $(cat /v/same) $(cat /v/me)")
                        .strip());
        assertEquals("440 0 4711\n440 0 4711\n", inside(container, "stat -L -c '%a %u %g' /v/a /v/b"));

        daemon.write("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: three}\n");
        daemon.await("the change", () -> inside(container, "cat /v/a").equals("three"));
        assertEquals("440 0 4711\n", inside(container, "stat -L -c '%a %u %g' /v/a"), "an update keeps the group");
        assertEquals("a\nb\nme\nsame\n", inside(container, "ls /v"));
        assertEquals(
                List.of(container.id()),
                daemon.running("web").stream().map(Container::id).toList());
    }

    @Test
    void aFileThatWouldBeADirectoryIsRefusedByName() throws Exception {
        daemon.write("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: one}\n");
        daemon.write("web.yaml", HEAD + """
                volumes:
                - name: v
                  projected:
                    sources:
                    - configMap: {name: m}
                    - configMap: {name: m, items: [{key: a, path: a/b}]}
                """.indent(2) + CONTAINER);
        daemon.await(
                "the reason",
                () -> daemon.cliQuietly("describe", "pod", "web")
                        .contains("the files a and a/b cannot both be in one volume"));
        assertEquals(List.of(), daemon.running("web"));
    }

    @Test
    void pathsThatLeadOutOfTheVolumeAreRefusedWithTheManifest() throws Exception {
        int file = 0;
        for (String path : List.of("../a", "/etc/a", "..a", "a/../../b")) {
            daemon.write(
                    "bad" + file + ".yaml",
                    HEAD.replace("name: web", "name: bad" + file)
                            + """
                    volumes: [{name: v, configMap: {name: m, items: [{key: a, path: %s}]}}]
                    """.formatted(path).indent(2)
                            + CONTAINER);
            file++;
        }
        daemon.await(
                "all to be refused", () -> daemon.cliQuietly("get", "manifests").split("Refused", -1).length == 5);
        assertEquals(
                0,
                daemon.runtime()
                        .listPodSandboxes(io.jubelet.cri.PodSandboxFilter.labels(
                                java.util.Map.of("jubelet.io/node", daemon.node)))
                        .size());
    }
}
