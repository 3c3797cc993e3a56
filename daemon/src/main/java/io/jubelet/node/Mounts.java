/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The mounts of the mount namespace of the daemon.
 *
 * <p>What is mounted or unmounted is reached through {@link SafeDirectory}, because containers may
 * have replaced names on the way. The kernel is called directly: mount(8) and umount(8) take paths,
 * and follow links in them. Methods block; safe for use by many threads.
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
     * Opens a directory with a tmpfs that all users can write to, where they can remove only what is
     * theirs, and that is not swapped where the kernel supports that. It is mounted unless something is mounted there already.
     *
     * @param parent of the directory, which exists
     * @param bytes its size; 0 for the default of the kernel
     */
    public SafeDirectory enterTmpfs(SafeDirectory parent, String name, long bytes) throws IOException {
        String options = "mode=1777" + (bytes > 0 ? ",size=" + bytes : "");
        return enterMounted(parent, name, place -> {
            try {
                LinuxFileCalls.mount("tmpfs", place, options + ",noswap");
            } catch (LinuxFileCalls.CallException withNoswap) {
                try {
                    LinuxFileCalls.mount("tmpfs", place, options);
                } catch (LinuxFileCalls.CallException e) {
                    e.addSuppressed(withNoswap);
                    throw e;
                }
            }
        });
    }

    /**
     * Opens a directory with huge pages as a file system, for programs that map its files. It is
     * mounted unless something is mounted there already.
     *
     * @param parent of the directory, which exists
     * @param pageSize in bytes, one that the kernel supports
     * @param bytes its size; 0 for no limit other than the reserved pages of the node
     */
    public SafeDirectory enterHugePages(SafeDirectory parent, String name, long pageSize, long bytes)
            throws IOException {
        String options = "pagesize=" + pageSize + (bytes > 0 ? ",size=" + bytes : "");
        return enterMounted(parent, name, place -> LinuxFileCalls.mount("hugetlbfs", place, options));
    }

    private interface MountCall {
        void mount(Path place) throws LinuxFileCalls.CallException;
    }

    private static SafeDirectory enterMounted(SafeDirectory parent, String name, MountCall call) throws IOException {
        SafeDirectory there = parent.enter(name);
        try {
            if (there.isMountedIn(parent)) {
                return there;
            }
            call.mount(there.path());
        } catch (LinuxFileCalls.CallException e) {
            there.close();
            throw SafeEntry.toFileException(e, parent.shown(name));
        } catch (IOException e) {
            there.close();
            throw e;
        }
        there.close(); // it is below the mount
        SafeDirectory mounted = parent.enter(name);
        if (!mounted.isMountedIn(parent)) {
            mounted.close();
            throw new FileSystemException(parent.shown(name), null, "was replaced while it was mounted");
        }
        return mounted;
    }

    /**
     * Makes a directory a shared mount, so that later mounts in it propagate, unless the mount that
     * it is on is shared already. Source: "Shared Subtrees" of the kernel documentation.
     *
     * @param real the path of the directory
     */
    public void share(SafeDirectory parent, String name, Path real) throws IOException {
        if (isShared(real)) {
            return;
        }
        try {
            if (!isMountPoint(real)) {
                try (SafeDirectory directory = parent.enter(name)) {
                    LinuxFileCalls.bind(directory.path(), directory.path());
                }
            }
            try (SafeDirectory mounted = parent.enter(name)) {
                LinuxFileCalls.share(mounted.path());
            }
        } catch (LinuxFileCalls.CallException e) {
            throw SafeEntry.toFileException(e, parent.shown(name));
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

    /**
     * Unmounts the topmost mount of a mount point.
     *
     * @param trusted a directory that contains the mount point, directly or not
     * @param names the path below it, in which no link is followed
     */
    public void unmount(Path trusted, Path names) throws IOException {
        String[] above = new String[names.getNameCount() - 1];
        for (int i = 0; i < above.length; i++) {
            above[i] = names.getName(i).toString();
        }
        try (SafeDirectory parent = SafeDirectory.open(trusted, above)) {
            if (!LinuxFileCalls.unmount(parent.resolve(names.getFileName().toString()), false)) {
                throw new FileSystemException(trusted.resolve(names).toString(), null, "is not mounted");
            }
        } catch (LinuxFileCalls.CallException e) {
            throw SafeEntry.toFileException(e, trusted.resolve(names).toString());
        }
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
