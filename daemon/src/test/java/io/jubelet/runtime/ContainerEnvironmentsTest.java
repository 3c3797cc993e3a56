/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jubelet.criconfig.ClusterDns;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.criconfig.Pods;
import io.jubelet.node.Mounts;
import io.jubelet.node.NodeCapacity;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.ProcessSize;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Volume;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.volume.PodDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerEnvironmentsTest {

    @TempDir
    private Path dir;

    private final Pod pod = Pods.pod(
            List.of(
                    new Volume.EmptyDir("settings", Volume.Medium.DISK, Optional.empty()),
                    new Volume.HostPath("host", "/etc", Volume.HostPathType.UNSET)),
            Pods.shell("app", "true"));
    private PodDirectories directories;
    private ContainerEnvironments environments;

    @BeforeEach
    void make() throws IOException {
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
        environments = new ContainerEnvironments(
                new NodeProfile(Pods.NODE, List.of(), ClusterDns.NONE, NodeProfile.Cgroups.BASIC, 8L << 30, List.of()),
                () -> new NodeCapacity(4000, 8L << 30, 1L << 30, Map.of()),
                () -> LocalConfig.NONE,
                directories);
    }

    private Map<String, String> resolve(EnvVar... env) throws IOException {
        ContainerSpec container =
                ContainerSpec.builder("app", "busybox").env(List.of(env)).build();
        return environments.resolve(pod, container, List.of(), new ProcessSize(true));
    }

    private String rejection(EnvVar.Source source) {
        return assertThrows(IOException.class, () -> resolve(new EnvVar("V", source)))
                .getMessage();
    }

    @Test
    void readsVariablesFromFilesOfAnEmptyDir() throws IOException {
        EnvVar.Source required = new EnvVar.FileKey("settings", "app.env", "COLOUR", false);
        EnvVar.Source optional = new EnvVar.FileKey("settings", "app.env", "COLOUR", true);
        assertEquals(
                "environment variable key \"COLOUR\" not found: file \"app.env\" of volume \"settings\" does not exist",
                rejection(required));
        assertEquals(Map.of(), resolve(new EnvVar("V", optional)));
        Path file = directories
                .podDirectory(Pods.UID)
                .volume(PodDirectory.EMPTY_DIR, "settings")
                .resolve("app.env");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "SIZE='1'\n");
        assertEquals(
                "environment variable key \"COLOUR\" not found in file \"app.env\" of volume \"settings\"",
                rejection(required));
        assertEquals(Map.of(), resolve(new EnvVar("V", optional)));
        Files.writeString(file, "COLOUR='deep blue'\n");
        assertEquals(Map.of("V", "deep blue"), resolve(new EnvVar("V", required)));
        Files.writeString(file, "broken\n");
        assertEquals("file \"app.env\" of volume \"settings\", line 1: missing '='", rejection(optional));
    }

    @Test
    void rejectsFilesOfOtherVolumes() {
        assertEquals(
                "volume \"host\" is not an emptyDir", rejection(new EnvVar.FileKey("host", "passwd", "root", true)));
        assertEquals("the pod has no volume \"x\"", rejection(new EnvVar.FileKey("x", "passwd", "root", true)));
    }

    @Test
    void expandsReferencesInLiteralsOnly() throws IOException {
        EnvVar[] env = {
            new EnvVar("NAME", new EnvVar.Field("metadata.name")),
            new EnvVar("TEXT", "I am $(NAME), $$(NAME), $(GONE)"),
            new EnvVar("GONE", new EnvVar.FileKey("settings", "app.env", "COLOUR", true))
        };
        assertEquals(Map.of("NAME", "web-node1", "TEXT", "I am web-node1, $(NAME), $(GONE)"), resolve(env));
        assertEquals(Map.of("TEXT", "I am $(NAME), $(NAME), $(GONE)"), EnvExpansion.literals(List.of(env)));
    }

    @Test
    void tellsVolumesTheFactsOfThePod() throws IOException {
        assertEquals("web-node1", environments.fact(pod, new EnvVar.Field("metadata.name")));
        assertEquals("4", environments.fact(pod, new EnvVar.Resource("app", "limits.cpu", Quantity.parse("1"))));
    }
}
