/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.pod.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The drop-ins of {@code --config-dir} above the file of {@code --config}. */
class ConfigFilesTest {

    private static final String HEAD = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

    @TempDir
    Path directory;

    private LoadedConfig load(String... flags) throws IOException {
        List<String> words = new ArrayList<>(List.of(flags));
        words.add("--config-dir=" + directory.resolve("conf.d"));
        if (Files.exists(directory.resolve("config.yaml"))) {
            words.add("--config=" + directory.resolve("config.yaml"));
        }
        return LoadedConfig.load(Configs.flags(words.toArray(String[]::new)), Configs.HOSTNAME);
    }

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    @Test
    void theLastFileByNameWinsAndMapsMerge() throws IOException {
        write("conf.d/20-b.conf", HEAD + "maxPods: 20\nkubeReserved: {cpu: \"2\"}\n");
        write("conf.d/10-a.conf", HEAD + "maxPods: 10\nclusterDNS: [192.0.2.3]\nfileCheckFrequency: 3s\n");
        write("conf.d/15/c.conf", HEAD + "fileCheckFrequency: 4s\n");
        write("conf.d/30-d.yaml", "not read\n");
        write("config.yaml", HEAD + "maxPods: 1\nclusterDNS: [192.0.2.1]\nkubeReserved: {cpu: \"1\", memory: 1Gi}\n");
        DaemonConfig config = Configs.valid(load());
        assertEquals(20, config.resources().maxPods());
        assertEquals(List.of("192.0.2.3"), config.runtime().dns().clusterServers());
        assertEquals(Duration.ofSeconds(4), config.node().manifests().checkFrequency());
        assertEquals(
                Map.of("cpu", Quantity.parse("2"), "memory", Quantity.parse("1Gi")),
                config.resources().reserved());
        assertEquals(5, Configs.valid(load("--max-pods=5")).resources().maxPods());
    }

    @Test
    void nullTakesAValueAway() throws IOException {
        write("config.yaml", HEAD + "maxPods: 1\nauthentication: {webhook: {cacheTTL: 7m, enabled: false}}\n");
        write("conf.d/a.conf", HEAD + "maxPods: null\nauthentication: {webhook: {cacheTTL: null}}\n");
        DaemonConfig config = Configs.valid(load());
        assertEquals(110, config.resources().maxPods());
        assertEquals(Duration.ofMinutes(2), config.listeners().access().tokenTtl());
        assertEquals(false, config.listeners().access().tokens().orElseThrow());
    }

    @Test
    void aDropInNeedsNoFileBelowIt() throws IOException {
        write("conf.d/a.conf", HEAD + "staticPodPath: pods\n");
        assertEquals(
                directory.resolve("conf.d/pods"),
                Configs.valid(load()).node().manifests().path());
    }

    @Test
    void whatIsWrongIsNamedWithItsFileAndLine() throws IOException {
        write("config.yaml", HEAD + "podsPerCore: 3\ncontainerLogMaxFiles: 1\nauthentication: {}\n");
        Path first = write("conf.d/a.conf", HEAD + "\nstaticPodPth: x\nauthentication:\n  webhok: {}\n");
        Path second = write("conf.d/b.conf", "kind: KubeletConfiguration\nregisterWithTaints: [{key: a}]\n");
        Path third = write("conf.d/c.conf", "a: [\n");
        LoadedConfig loaded = load();
        assertEquals(6, loaded.errors().size(), loaded.errors()::toString);
        for (String expected : List.of(
                directory.resolve("config.yaml") + ":4:23: containerLogMaxFiles: must be 2 or more",
                first + ":4:1: staticPodPth: a KubeletConfiguration has no field",
                first + ":6:3: authentication.webhok: authentication has no field",
                second + ":1:1: apiVersion: is required",
                second + ":2:22: registerWithTaints[0].effect: is required",
                third + ":")) {
            assertTrue(
                    loaded.errors().stream().anyMatch(error -> error.startsWith(expected)), loaded.errors()::toString);
        }
        assertEquals(
                List.of(directory.resolve("config.yaml") + ":3:1: podsPerCore: has no effect yet in Jubelet"),
                loaded.warnings());
    }

    @Test
    void aDirectoryThatIsAbsentCannotBeRead() {
        assertThrows(NoSuchFileException.class, this::load);
    }
}
