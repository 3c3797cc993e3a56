/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;

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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A daemon, its ConfigMaps and Secrets, and pods that use them. */
abstract class LocalConfigDaemon {

    static final String ENDLESS = sleeper();

    DaemonProcess daemon;

    @BeforeEach
    void startDaemon() throws IOException {
        // What is noticed was told by the kernel, for the directory is not looked at otherwise.
        daemon = new DaemonProcess("-v=5", "--file-check-frequency=1h").start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    static String map(String name, String data) {
        return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata: {" + data + "}\n";
    }

    static String secret(String name, String data) {
        return "apiVersion: v1\nkind: Secret\nmetadata: {name: " + name + "}\nstringData: {" + data + "}\n";
    }

    void writeSecret(String file, String text) throws IOException {
        Path temporary = Files.writeString(daemon.home.resolve(file + ".new"), text);
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-------"));
        Files.move(temporary, daemon.manifests.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    /** A pod of one container with further lines of it and with volumes. */
    static String podWith(String name, String script, String container, String volumes) {
        return pod(name, script, volumes.isEmpty() ? "" : "  volumes:\n" + volumes.indent(2)) + container.indent(4);
    }

    String inside(Container container, String script) {
        ExecResult result =
                daemon.runtime().execSync(container.id(), List.of("sh", "-c", script), Duration.ofSeconds(20));
        return new String(result.stdout(), StandardCharsets.UTF_8)
                + new String(result.stderr(), StandardCharsets.UTF_8);
    }

    void awaitInside(Container container, String script, String expected) {
        daemon.await(
                script + " to say " + expected, () -> inside(container, script).equals(expected));
    }

    /** The directory of a volume on the host; there is one pod. */
    Path volume(String plugin, String name) throws IOException {
        try (Stream<Path> pods = Files.list(daemon.rootDir.resolve("pods"))) {
            return pods.map(pod -> pod.resolve("volumes/" + plugin + "/" + name))
                    .filter(Files::isDirectory)
                    .findFirst()
                    .orElseThrow();
        }
    }

    String waiting(String pod) {
        return daemon.cliQuietly("describe", "pod", pod);
    }
}
