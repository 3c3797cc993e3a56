/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A directory of manifests in the shapes that kubeadm, kube-vip, etcd-manager, OpenShift, RKE2, gardener and kubespray write
 * them: with the fields, probes, volumes and oddities of each, and with busybox in place of their programs.
 */
@OnContainerd
class ManifestShapesContainerdTest {

    private DaemonProcess daemon;

    @AfterEach
    void close() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @Test
    void aWholeDirectoryOfThemStarts() throws Exception {
        daemon = new DaemonProcess();
        for (String file : List.of("admin.conf", "serving.crt", "encryption.json")) {
            Files.writeString(daemon.home.resolve(file), "content\n");
        }
        Files.writeString(Files.createDirectory(daemon.home.resolve("proxy")).resolve("healthz"), "ok\n");
        Path garden = Files.createDirectories(daemon.home.resolve("garden/config"));
        Files.writeString(garden.resolve("settings.yaml"), "level: info\n");
        Set<String> files = new TreeSet<>();
        for (Path shape : shapes()) {
            String text = Files.readString(shape).replace("@HOME@", daemon.home.toString());
            for (int i = 1; i <= 4; i++) {
                String port = "@PORT" + i + "@";
                if (text.contains(port)) {
                    text = text.replace(port, Integer.toString(ServerProcess.freePort()));
                }
            }
            String name = shape.getFileName().toString();
            files.add(name);
            daemon.write(name, text);
        }
        daemon.start();
        Set<String> pods = Set.of(
                "kubeadm-store",
                "kubeadm-planner",
                "vip",
                "store-keeper-main",
                "front",
                "agent-front",
                "garden-front-machine-0",
                "spray-proxy");
        daemon.await("every pod to be ready", () -> ready().equals(pods));
        String manifests = daemon.cli("get", "manifests", "--no-headers", "-o", "wide");
        for (String file : files) {
            assertEquals(
                    1,
                    manifests
                            .lines()
                            .filter(line -> line.contains("/" + file + " ") && line.contains(" Accepted "))
                            .count(),
                    manifests);
        }
        String logs = daemon.cli("logs", "store-keeper-main", "-n", "kube-system");
        assertFalse(logs.contains("error"), logs);
    }

    /** The names of the pods whose containers are all ready. */
    private Set<String> ready() {
        return daemon.cliQuietly("get", "pods", "-A", "--no-headers")
                .lines()
                .map(line -> line.split(" +"))
                .filter(cells -> cells.length > 3
                        && cells[3].equals("Running")
                        && cells[2].split("/")[0].equals(cells[2].split("/")[1]))
                .map(cells -> cells[1].substring(0, cells[1].length() - daemon.node.length() - 1))
                .collect(Collectors.toSet());
    }

    private static List<Path> shapes() throws IOException, URISyntaxException {
        URL directory = Objects.requireNonNull(ManifestShapesContainerdTest.class.getResource("shapes"), "shapes");
        try (Stream<Path> files = Files.list(Path.of(directory.toURI()))) {
            return files.sorted().toList();
        }
    }
}
