/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Documents;
import io.jubelet.document.FileProblem;
import io.jubelet.document.Findings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileLimitsTest {

    private static final String CONFIG = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

    @TempDir
    private Path dir;

    @Test
    void fileCanHaveThreeMebibytesAndNoMore() throws IOException {
        Path file = dir.resolve("config.yaml");
        String text = CONFIG + "#".repeat(Documents.MAX_SIZE - CONFIG.length());
        FlagValues flags = FlagParser.parse(List.of("--config=" + file)).flags();
        Files.writeString(file, text);
        assertEquals(List.of(), LoadedConfig.load(flags, "node1").errors());
        Files.writeString(file, text + "#");
        IOException e = assertThrows(IOException.class, () -> LoadedConfig.load(flags, "node1"));
        assertTrue(FileProblem.of(e).contains("is larger than 3145728 bytes"), FileProblem.of(e));
    }

    @Test
    void soManyDropInsAreReadAndNoMore() throws IOException {
        for (int i = 0; i < ConfigFiles.MAX_DROP_INS; i++) {
            Files.writeString(dir.resolve(i + ".conf"), CONFIG);
        }
        assertEquals(ConfigFiles.MAX_DROP_INS, ConfigFiles.dropIns(dir).size());
        Files.writeString(Files.createDirectory(dir.resolve("below")).resolve("one.conf"), CONFIG);
        IOException e = assertThrows(IOException.class, () -> ConfigFiles.dropIns(dir));
        assertEquals(dir + " has 501 files that end in .conf; at most 500 are read", e.getMessage());
    }

    @Test
    void findingOfALaterFileIsShownWithItsOwnLine() {
        Findings findings = new Findings();
        ConfigFiles files = new ConfigFiles(findings);
        String lines = "#\n".repeat(Documents.MAX_SIZE / 2 - 100);
        files.add(Path.of("/a"), (lines + CONFIG).getBytes(StandardCharsets.UTF_8));
        files.add(Path.of("/b"), (lines + CONFIG + "maxPods: [\n").getBytes(StandardCharsets.UTF_8));
        String located = files.located(findings.errors().getFirst());
        assertTrue(located.startsWith("/b:15727"), located);
    }
}
