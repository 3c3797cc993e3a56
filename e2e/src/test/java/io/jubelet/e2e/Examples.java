/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;

/** Examples of manifests-example/ on real containerd, all of a class at once. */
@OnContainerd
abstract class Examples {

    static DaemonProcess daemon;

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(Commands.source().resolve("manifests-example"))) {
            return files.sorted().toList();
        }
    }

    /** Starts a daemon with those of these names, and waits until all are accepted, without a word against any. */
    static void dropAll(Set<String> names) throws IOException, InterruptedException {
        daemon = new DaemonProcess().start();
        for (Path example : examples()) {
            String name = example.getFileName().toString();
            if (names.contains(name)) {
                String text = Files.readString(example)
                        .replace(
                                "/tmp/jubelet-example",
                                daemon.home.resolve("scratch").toString());
                Path written = daemon.write(name, text);
                if (name.equals("secret.yaml")) {
                    Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-------"));
                }
            }
        }
        daemon.await(
                "all to be accepted",
                () -> daemon.get("/jubelet/v1/manifests").split("\"Accepted\"", -1).length > names.size());
        String manifests = daemon.cli("get", "manifests", "-o", "wide", "--no-headers");
        for (String line : manifests.strip().split("\n")) {
            // One of the examples shows that a missing path is created as a directory.
            assertTrue(
                    line.contains("Accepted")
                            && (line.endsWith("<none>") || line.endsWith("so a directory was created there")),
                    () -> "problems in " + manifests);
        }
    }

    /** Why it does not run, if it is known by now. */
    static String refusalOf(String pod) {
        return daemon.cliQuietly("describe", "pod", pod);
    }

    /** Follows the log of a pod, or of a container with {@code -c}, as soon as there is one. */
    static Commands.Running follow(String... whose) throws IOException {
        List<String> log = Stream.concat(Stream.of("logs"), Stream.of(whose)).toList();
        daemon.await("a log", () -> {
            try {
                return daemon.jubelet(log.toArray(String[]::new)).exitCode() == 0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        });
        return daemon.follow(
                Stream.concat(Stream.of("logs", "-f"), Stream.of(whose)).toArray(String[]::new));
    }

    /** For pods that end. */
    static void awaitLog(String pod, String text) {
        daemon.await("\"" + text + "\"", () -> daemon.cliQuietly("logs", pod).contains(text));
    }

    static void awaitOutput(String pod, String text) {
        Container container = daemon.awaitRunning(pod);
        daemon.await("\"" + text + "\"", () -> daemon.output(container).contains(text));
    }
}
