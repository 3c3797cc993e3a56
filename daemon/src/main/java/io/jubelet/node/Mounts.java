/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The mounts of the mount namespace of the daemon.
 *
 * <p>Mounting uses mount(8) and umount(8), as the kubelet does: a call through {@code
 * java.lang.foreign} would cost 10 MB of resident memory permanently, and it is rare. Methods
 * block; safe for use by many threads.
 */
public final class Mounts {

    private final Path mountinfo;

    /** The mounts of this process. */
    public Mounts() {
        this(Path.of("/proc/self/mountinfo"));
    }

    /** @param mountinfo in the format of proc_pid_mountinfo(5) */
    Mounts(Path mountinfo) {
        this.mountinfo = Objects.requireNonNull(mountinfo, "mountinfo");
    }

    /** Returns the mount points at and below a real path, the innermost first. */
    public List<Path> within(Path root) throws IOException {
        List<Path> points = new ArrayList<>();
        for (String line : Files.readAllLines(mountinfo, StandardCharsets.UTF_8)) {
            String[] fields = line.split(" ", 6);
            if (fields.length == 6) {
                Path point = Path.of(unescaped(fields[4]));
                if (point.startsWith(root)) {
                    points.add(point);
                }
            }
        }
        // Later mounts hide earlier ones at the same path, so the order of the file decides among
        // equals.
        List<Path> innermostFirst = new ArrayList<>(points.reversed());
        innermostFirst.sort(Comparator.comparingInt(Path::getNameCount).reversed());
        return innermostFirst;
    }

    /** Whether a path is a mount point. */
    public boolean isMountPoint(Path path) throws IOException {
        return within(path).contains(path);
    }

    /**
     * Mounts a tmpfs that all users can write to, and that is not swapped where the kernel supports
     * that.
     *
     * @param bytes its size; 0 for the default of the kernel
     */
    public void mountTmpfs(Path path, long bytes) throws IOException, InterruptedException {
        String options = "mode=0777" + (bytes > 0 ? ",size=" + bytes : "");
        try {
            SystemProgram.run("mount", "-t", "tmpfs", "-o", options + ",noswap", "tmpfs", path.toString());
        } catch (IOException withNoswap) {
            try {
                SystemProgram.run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path.toString());
            } catch (IOException e) {
                e.addSuppressed(withNoswap);
                throw e;
            }
        }
    }

    /**
     * Mounts huge pages as a file system, for programs that map its files.
     *
     * @param pageSize in bytes, one that the kernel supports
     * @param bytes its size; 0 for no limit other than the reserved pages of the node
     */
    public void mountHugePages(Path path, long pageSize, long bytes) throws IOException, InterruptedException {
        String options = "pagesize=" + pageSize + (bytes > 0 ? ",size=" + bytes : "");
        SystemProgram.run("mount", "-t", "hugetlbfs", "-o", options, "nodev", path.toString());
    }

    /**
     * Makes a real directory a shared mount, so that later mounts in it propagate, unless the mount
     * that it is on is shared already. Source: "Shared Subtrees" of the kernel documentation.
     */
    public void share(Path directory) throws IOException, InterruptedException {
        if (!isShared(directory)) {
            if (!isMountPoint(directory)) {
                SystemProgram.run("mount", "--bind", directory.toString(), directory.toString());
            }
            SystemProgram.run("mount", "--make-shared", directory.toString());
        }
    }

    private boolean isShared(Path directory) throws IOException {
        boolean shared = false;
        int names = -1;
        for (String line : Files.readAllLines(mountinfo, StandardCharsets.UTF_8)) {
            String[] fields = line.split(" ");
            Path point = Path.of(unescaped(fields[4]));
            if (directory.startsWith(point) && point.getNameCount() >= names) {
                names = point.getNameCount();
                shared = false;
                for (int i = 6; i < fields.length && !fields[i].equals("-"); i++) {
                    shared |= fields[i].startsWith("shared:");
                }
            }
        }
        return shared;
    }

    /** Unmounts the topmost mount of a mount point. */
    public void unmount(Path path) throws IOException, InterruptedException {
        SystemProgram.run("umount", "--no-canonicalize", path.toString());
    }

    /**
     * Decodes blank, tab, newline and backslash, which are written as {@code \040} and the like.
     */
    private static String unescaped(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 3 < field.length()) {
                out.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                out.append(field.charAt(i));
            }
        }
        return out.toString();
    }
}
