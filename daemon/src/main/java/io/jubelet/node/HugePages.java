/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The huge pages of the node, and the names of their sizes: {@code hugepages-2048kB} in files of
 * the kernel, {@code 2MB} in cgroups.
 */
public final class HugePages {

    /** Where the kernel lists them, below the root of the file system. */
    public static final String DIRECTORY = "sys/kernel/mm/hugepages";

    private static final String PREFIX = "hugepages-";
    private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB", "PB"};

    private HugePages() {}

    /**
     * The sizes that the kernel supports, as cgroups name them, the smallest first; empty if
     * unknown.
     */
    static List<String> sizes(Path directory) {
        return bytes(directory).stream().map(HugePages::name).toList();
    }

    /** The sizes that the kernel supports, in bytes, the smallest first; empty if unknown. */
    static List<Long> bytes(Path directory) {
        List<Long> sizes = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, PREFIX + "*kB")) {
            for (Path entry : SecureDirectories.entries(entries)) {
                String name = entry.getFileName().toString();
                sizes.add(Long.parseLong(name.substring(PREFIX.length(), name.length() - 2)) << 10);
            }
        } catch (IOException | NumberFormatException _) {
            return List.of();
        }
        sizes.sort(null);
        return sizes;
    }

    /** The name of a size in cgroups, such as {@code 2MB}. */
    public static String name(long bytes) {
        long size = bytes;
        int unit = 0;
        while (size >= 1024 && unit < UNITS.length - 1) {
            size /= 1024;
            unit++;
        }
        return size + UNITS[unit];
    }

    /** The name of a size as a resource of pods, such as {@code hugepages-2Mi}. */
    static String resource(long bytes) {
        return PREFIX + name(bytes).replace("B", "i");
    }

    /** The reserved pages of a size, in bytes; 0 if unknown. */
    static long reserved(Path directory, long size) {
        try {
            Path pages = directory.resolve(PREFIX + (size >> 10) + "kB").resolve("nr_hugepages");
            return Math.multiplyExact(Long.parseLong(Files.readString(pages).strip()), size);
        } catch (IOException | ArithmeticException | NumberFormatException _) {
            return 0;
        }
    }
}
