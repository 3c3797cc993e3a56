/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds the records of what the kubelet takes, with which unit tests compare Jubelet, against the kubelet's own code. {@code
 * tools/kubelet-settings.sh} writes the records anew.
 */
@Tag("download")
class KubeletRecordsTest {

    @TempDir
    Path directory;

    /** {@code make records} compares those of the next release, too, whose code takes long to build. */
    @Test
    void theRecordsAreWhatTheKubeletSays() throws Exception {
        Path program = ServerProcess.program("jubelet.test.kubelet-settings-1.36");
        assertEquals(record("settings-1.36.txt"), output(program, "list"));
        assertEquals(record("answers-1.36.jsonl"), output(program, "read"));
    }

    private String output(Path program, String mode) throws IOException, InterruptedException {
        Path cases = Files.writeString(directory.resolve("cases"), record("cases.jsonl"));
        Process process = new ProcessBuilder(program.toString(), mode)
                .redirectInput(cases.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        return output;
    }

    private static String record(String name) throws IOException {
        try (InputStream in = KubeletRecordsTest.class.getResourceAsStream("/kubelet/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
