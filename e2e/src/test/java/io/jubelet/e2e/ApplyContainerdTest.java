/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code jubelet diff} and {@code jubelet apply} against a daemon. */
@OnContainerd
class ApplyContainerdTest {

    private static DaemonProcess daemon;

    @BeforeAll
    static void start() throws IOException {
        daemon = new DaemonProcess().start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private static String pod(String name, String image, String command) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: app
                    image: %s
                    imagePullPolicy: Never
                    command: [sh, -c, "%s"]
                """.formatted(name, image, command);
    }

    /** A file beside the manifest directory. */
    private static String file(String name, String text) throws IOException {
        Path directory = Files.createDirectories(daemon.home.resolve("drafts"));
        return Files.writeString(directory.resolve(name), text).toString();
    }

    @Test
    void aPodIsStartedReplacedAndLeftAlone() throws Exception {
        String image = "docker.io/library/busybox:1";
        String draft = file("web.yaml", pod("web", image, "echo one; sleep 1000"));
        Commands.Outcome before = daemon.jubelet("diff", draft);
        assertEquals(1, before.exitCode(), before.err());
        assertTrue(before.out().startsWith("the pod default/web: the pod is started\n"), before.out());

        Commands.Outcome applied = daemon.jubelet("apply", draft, "--wait");
        assertEquals(0, applied.exitCode(), () -> applied.out() + applied.err());
        assertTrue(applied.out().endsWith("default/web: is ready\n"), applied.out());
        Path installed = daemon.manifests.resolve("web.yaml");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(installed)));
        try (Stream<Path> files = Files.list(daemon.manifests)) {
            assertTrue(files.noneMatch(file -> file.getFileName().toString().startsWith(".")));
        }
        assertEquals("the pod default/web: nothing changes\n", daemon.cli("diff", draft));

        file("web.yaml", pod("web", image, "echo two; sleep 1000"));
        Commands.Outcome edited = daemon.jubelet("diff", draft);
        assertEquals(1, edited.exitCode(), edited.err());
        assertTrue(edited.out().contains("the pod is replaced"), edited.out());
        assertTrue(edited.out().contains("\n+    - echo two; sleep 1000\n"), edited.out());
        Commands.Outcome replaced = daemon.jubelet("apply", draft, "--wait=ready", "--timeout=50s");
        assertEquals(0, replaced.exitCode(), () -> replaced.out() + replaced.err());
        Eventually.await(
                "the log of the new version", () -> daemon.cli("logs", "web").equals("two\n"));
        Commands.Outcome again = daemon.jubelet("apply", draft);
        assertEquals(installed + " is unchanged\ndefault/web: nothing changes\n", again.out());
    }

    @Test
    void whatDoesNotGetReadyIsExplained() throws Exception {
        String draft = file("late.yaml", pod("late", "localhost/absent:1", "true"));
        Commands.Outcome late = daemon.jubelet("apply", draft, "--wait", "--timeout=1s");
        assertEquals(1, late.exitCode(), late.out());
        assertTrue(late.err().contains("error: default/late is not ready after 1 s: "), late.err());
        assertTrue(late.err().contains("localhost/absent:1"), late.err());
    }

    @Test
    void whatIsWrongIsNotInstalled() throws Exception {
        Commands.Outcome wrong = daemon.jubelet(
                "apply", file("wrong.yaml", pod("wrong", "x", "true").replace("image:", "imge:")));
        assertEquals(1, wrong.exitCode());
        assertTrue(wrong.err().contains("did you mean \"image\"?"), wrong.err());
        assertTrue(Files.notExists(daemon.manifests.resolve("wrong.yaml")));
        assertEquals(
                2,
                daemon.jubelet("diff", daemon.home.resolve("drafts/wrong.yaml").toString())
                        .exitCode());
        assertEquals(0, daemon.jubelet("validate", daemon.manifests.toString()).exitCode());
    }
}
