/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningKubeletsTest {

    private static final long SELF = 10;

    @TempDir
    Path proc;

    private void process(long pid, String... command) throws IOException {
        Files.createDirectories(proc.resolve(Long.toString(pid)));
        Files.writeString(proc.resolve(pid + "/cmdline"), String.join("\0", command) + "\0");
    }

    private Optional<RunningKubelets.Found> find() {
        return new RunningKubelets(proc, SELF).find();
    }

    @Test
    void findsKubeletsByTheirCommands() throws IOException {
        process(SELF, "java", "io.jubelet.cli.Main", "run");
        process(11, "java", "io.jubelet.cli.Main", "get", "pods");
        process(12, "grep", "kubelet");
        process(13, "/usr/bin/kubelet-exporter");
        Files.createDirectories(proc.resolve("14")); // has just ended
        process(15, "");
        assertEquals(Optional.empty(), find());
        process(20, "/opt/java", "-Xmx1m", "io.jubelet.cli.Main", "run", "--root-dir=/x");
        assertEquals(Optional.of(new RunningKubelets.Found(20, false)), find());
        process(21, "/usr/bin/kubelet", "--config=/var/lib/kubelet/config.yaml");
        assertEquals(Optional.of(new RunningKubelets.Found(21, true)), find());
    }
}
