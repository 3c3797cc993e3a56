/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The resource usage of a process, as the kernel counts it.
 *
 * @param cpuSeconds user and system CPU time since its start, in steps of 10 ms
 * @param rss resident memory in MiB
 * @param anonymous the part of {@code rss} that is not backed by a file, in MiB
 * @param nanoTime the {@link System#nanoTime} at which the values were read
 */
record ProcessUsage(double cpuSeconds, double rss, double anonymous, long nanoTime) {
    private static final double TICKS_PER_SECOND = 100;

    static ProcessUsage of(long pid) throws IOException {
        Path directory = Path.of("/proc/" + pid);
        String status = Files.readString(directory.resolve("status"));
        return new ProcessUsage(
                cpuSeconds(Files.readString(directory.resolve("stat"))),
                mebibytes(status, "VmRSS"),
                mebibytes(status, "RssAnon"),
                System.nanoTime());
    }

    /** The sum of the 14th and 15th field. */
    static double cpuSeconds(String stat) {
        return seconds(stat, 14);
    }

    /** The CPU time of processes that have ended and that this one has waited for: the sum of the 16th and 17th field. */
    static double cpuSecondsOfChildren(String stat) {
        return seconds(stat, 16);
    }

    /** The sum of two fields, counted from 1. The second one, the name, is in parentheses and may contain spaces. */
    private static double seconds(String stat, int first) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[first - 3]) + Long.parseLong(fields[first - 2])) / TICKS_PER_SECOND;
    }

    static double mebibytes(String status, String field) {
        return status.lines()
                .filter(line -> line.startsWith(field + ":"))
                .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0)
                .findFirst()
                .orElse(0);
    }

    /** Percent of one core since an earlier reading. */
    double cpuPercentSince(ProcessUsage earlier) {
        return (cpuSeconds - earlier.cpuSeconds) / ((nanoTime - earlier.nanoTime) / 1e9) * 100;
    }
}
