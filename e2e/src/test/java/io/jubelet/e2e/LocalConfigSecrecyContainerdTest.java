/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nothing that the daemon says or keeps for others tells a secret, on real containerd. */
@OnContainerd
class LocalConfigSecrecyContainerdTest extends LocalConfigDaemon {

    @Test
    void nothingThatTheDaemonSaysOrKeepsForOthersTellsASecret() throws Exception {
        String value = "s3cr3tValue" + System.nanoTime();
        writeSecret("secret.yaml", secret("db", "password: " + value));
        daemon.write("web.yaml", podWith("web", ENDLESS, """
                env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: password}}}]
                volumeMounts: [{name: secret, mountPath: /secret}]
                """, "- {name: secret, secret: {secretName: db}}\n"));
        Container container = daemon.awaitRunning("web");
        assertEquals(value + value, inside(container, "printf %s \"$A\"; cat /secret/password"));
        writeSecret("secret.yaml", secret("db", "password: [" + value + "]"));
        daemon.await("the refusal", () -> daemon.cliQuietly("get", "manifests").contains("Refused"));
        for (List<String> command : List.of(
                List.of("get", "pods", "-o", "json"),
                List.of("get", "pods", "-o", "yaml"),
                List.of("get", "manifests", "-o", "wide"),
                List.of("get", "manifests", "-o", "json"),
                List.of("get", "events"),
                List.of("describe", "pod", "web"))) {
            String said = daemon.cli(command.toArray(String[]::new));
            assertFalse(said.isEmpty());
            assertFalse(said.contains(value), command + "\n" + said);
        }
        assertFalse(daemon.log().contains(value), "the log at -v=5");
        assertFalse(daemon.log()
                .contains(java.util.Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        daemon.await("everything to be kept", () -> files(value) == 2); // last good content, and the volume
        assertFalse(new String(Files.readAllBytes(Path.of("/proc/" + pid() + "/environ")), StandardCharsets.ISO_8859_1)
                .contains(value));
    }

    /** The daemon, by the name of its node in its command line. */
    private long pid() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> process.getFileName().toString().matches("\\d+"))
                    .filter(process -> commandLine(process).contains("--hostname-override=" + daemon.node))
                    .mapToLong(process -> Long.parseLong(process.getFileName().toString()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"));
        } catch (IOException _) {
            return ""; // it has ended
        }
    }

    /** How many files below the root directory have a text; each is checked to be closed to others. */
    private int files(String text) {
        int found = 0;
        try (Stream<Path> files = Files.walk(daemon.rootDir)) {
            for (Path file : files.filter(f -> Files.isRegularFile(f, java.nio.file.LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
                    boolean volume = file.toString().contains("/volumes/");
                    assertFalse(file.toString().endsWith("manifest.json"), file.toString());
                    if (!volume) {
                        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
                    }
                    found++;
                }
            }
        } catch (IOException | java.io.UncheckedIOException e) {
            return -1; // a file went while it was looked at
        }
        return found;
    }
}
