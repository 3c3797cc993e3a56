/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.node.SafeDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures directories with du(1), which counts blocks on disk and follows no link. A process does it, because a file system
 * can hang, and only a process can be given up.
 */
public final class DiskUsageProgram {

    private static final Logger LOG = LoggerFactory.getLogger(DiskUsageProgram.class);

    private DiskUsageProgram() {}

    /**
     * Measures the bytes that directories use on disk, without other file systems below. Blocks.
     *
     * @param directories by keys of the caller
     * @param atMost how long to wait
     * @return the usage of those that could be measured in time, by the same keys
     */
    public static Map<String, Long> bytes(Map<String, SafeDirectory> directories, Duration atMost)
            throws IOException, InterruptedException {
        return measure("-B1", directories, atMost);
    }

    /** Counts the files and directories, as {@link #bytes} does; the directory itself is one. */
    public static Map<String, Long> inodes(Map<String, SafeDirectory> directories, Duration atMost)
            throws IOException, InterruptedException {
        return measure("--inodes", directories, atMost);
    }

    private static Map<String, Long> measure(String unit, Map<String, SafeDirectory> directories, Duration atMost)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("du", "-s", "-x", unit, "--"));
        Map<String, String> keys = new HashMap<>();
        directories.forEach((key, directory) -> {
            String path = directory.pathForProcesses() + "/.";
            command.add(path);
            keys.put(path, key);
        });
        Map<String, Long> usage = new HashMap<>();
        // du reports files that vanish in the meantime as errors, and goes on.
        Process du = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = du.inputReader(StandardCharsets.UTF_8)) {
            if (!du.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn(
                        "du takes longer than {} s, so volumes are not measured: volumes={}",
                        atMost.toSeconds(),
                        directories.keySet());
                return usage;
            }
            for (String line : lines.readAllLines()) {
                int tab = line.indexOf('\t');
                String key = tab < 0 ? null : keys.get(line.substring(tab + 1));
                if (key != null) {
                    usage.put(key, Long.parseLong(line.substring(0, tab)));
                }
            }
        } finally {
            du.destroyForcibly();
        }
        return usage;
    }
}
