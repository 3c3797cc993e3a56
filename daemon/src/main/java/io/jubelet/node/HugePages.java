package io.jubelet.node;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Huge pages of the node, and how their sizes are called: {@code hugepages-2048kB} by the kernel's files, {@code 2MB} by
 * cgroups.
 */
public final class HugePages {

    /** Where the kernel tells of them, below the root of the file system. */
    public static final String DIRECTORY = "sys/kernel/mm/hugepages";

    private static final String PREFIX = "hugepages-";
    private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB", "PB"};

    private HugePages() {}

    /** The sizes that the kernel has, as cgroups name them, the smallest first; none when it does not tell. */
    static List<String> sizes(Path directory) {
        return bytes(directory).stream().map(HugePages::name).toList();
    }

    /** The same in bytes. */
    static List<Long> bytes(Path directory) {
        List<Long> sizes = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, PREFIX + "*kB")) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                sizes.add(Long.parseLong(name.substring(PREFIX.length(), name.length() - 2)) << 10);
            }
        } catch (IOException | NumberFormatException _) {
            return List.of();
        }
        sizes.sort(null);
        return sizes;
    }

    /** What cgroups call a size in bytes, such as {@code 2MB}. */
    public static String name(long bytes) {
        long size = bytes;
        int unit = 0;
        while (size >= 1024 && unit < UNITS.length - 1) {
            size /= 1024;
            unit++;
        }
        return size + UNITS[unit];
    }

    /** What a pod calls a size in bytes, such as {@code hugepages-2Mi}. */
    static String resource(long bytes) {
        return PREFIX + name(bytes).replace("B", "i");
    }

    /** How many pages of a size the node has set aside, in bytes together; 0 when unknown. */
    static long reserved(Path directory, long size) {
        try {
            Path pages = directory.resolve(PREFIX + (size >> 10) + "kB").resolve("nr_hugepages");
            return Math.multiplyExact(Long.parseLong(Files.readString(pages).strip()), size);
        } catch (IOException | ArithmeticException | NumberFormatException _) {
            return 0;
        }
    }
}
