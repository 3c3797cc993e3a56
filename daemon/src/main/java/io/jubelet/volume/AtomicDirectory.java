/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import io.jubelet.node.TreeRemoval;
import io.jubelet.pod.PodSecurity;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A directory whose files change atomically. They are in a directory of their own that the link
 * {@code ..data} points to, and each name that users see is a link through {@code ..data}, so
 * replacing that one link replaces all files. A program that reads several files together resolves
 * {@code ..data} first. Source: the kubelet's atomic writer, whose layout this is.
 *
 * <p>No link that is found here is followed, except that the name in {@code ..data} is used: every
 * name is opened from the directory before it, because a container that has the directories of pods
 * mounted can replace any of them at any time. The next write removes what a crash has left. Used by
 * one thread at a time.
 */
final class AtomicDirectory {

    private static final String DATA = "..data";
    private static final String NEW_DATA = "..data_tmp";
    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> CLOSED = PosixFilePermissions.fromString("rwx------");

    private final SafeDirectory root;
    private final PodSecurity security;
    private final Mounts mounts;

    /**
     * @param root stays open
     * @param security of the pod, whose fsGroup owns the files
     * @param mounts of the node
     */
    AtomicDirectory(SafeDirectory root, PodSecurity security, Mounts mounts) {
        this.root = root;
        this.security = security;
        this.mounts = mounts;
    }

    /** Whether the directory has been written before. */
    boolean written() throws IOException {
        return root.linkTarget(DATA).isPresent();
    }

    /**
     * Makes the directory contain exactly these files; does nothing if it does already.
     *
     * @param files by relative path, none of which begins with {@code ..}
     * @return whether anything was written
     */
    boolean write(Map<String, ProjectedFile> files, Instant now) throws IOException {
        String before = current();
        boolean same = !before.isEmpty() && holds(root, before, files);
        String current = same ? before : replace(files, now);
        Set<String> names = new HashSet<>();
        for (String path : files.keySet()) {
            names.add(Path.of(path).getName(0).toString());
        }
        for (String name : names) {
            if (root.linkTarget(name).isEmpty()) {
                root.link(name, Path.of(DATA, name));
            }
        }
        tidy(names, current);
        return !same;
    }

    /** The name of the directory that {@code ..data} points to; empty if there is none. */
    private String current() throws IOException {
        Optional<Path> target = root.linkTarget(DATA);
        String name = target.isEmpty() ? "" : target.get().toString();
        return name.startsWith("..20") && name.indexOf('/') < 0 ? name : "";
    }

    private String replace(Map<String, ProjectedFile> files, Instant now) throws IOException {
        String name = name(now);
        try (SafeDirectory directory = root.enterOrCreate(name, CLOSED)) {
            for (Map.Entry<String, ProjectedFile> each : files.entrySet()) {
                write(directory, Path.of(each.getKey()), 0, each.getValue());
            }
            directory.setPermissions(DIRECTORY);
            VolumeOwnership.apply(directory, security, true);
        }
        root.delete(NEW_DATA);
        root.link(NEW_DATA, Path.of(name));
        root.rename(NEW_DATA, DATA);
        return name;
    }

    /**
     * A new name such as {@code ..2026_01_02_03_04_05.123456789}, as the kubelet chooses it. Built
     * without a formatter, whose classes would take longer to load.
     */
    private static String name(Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString(); // 2026-01-02T03:04:05Z
        String digits = time.substring(0, time.length() - 1)
                .replace('-', '_')
                .replace('T', '_')
                .replace(':', '_');
        return ".." + digits + "." + Long.toUnsignedString(System.nanoTime());
    }

    /** Writes the file at the names of a path from an index on, and creates the directories above it. */
    private static void write(SafeDirectory in, Path path, int index, ProjectedFile file) throws IOException {
        String name = path.getName(index).toString();
        if (index == path.getNameCount() - 1) {
            in.replace(name, file.content().toArray(), permissions(file.mode()));
            return;
        }
        try (SafeDirectory inner = in.enterOrCreate(name, DIRECTORY)) {
            write(inner, path, index + 1, file);
        }
    }

    /** The permissions in a mode. */
    static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values(); // ordered as the bits of a mode
        for (int i = 0; i < all.length; i++) {
            if ((mode & 0400 >> i) != 0) {
                permissions.add(all[i]);
            }
        }
        return permissions;
    }

    // --- comparison

    /** Whether a directory has exactly these files, by their paths in it. */
    private boolean holds(SafeDirectory in, String name, Map<String, ProjectedFile> files) throws IOException {
        Optional<SafeDirectory> found = in.enterIfDirectory(name);
        if (found.isEmpty()) {
            return false;
        }
        try (SafeDirectory directory = found.get()) {
            Map<String, Map<String, ProjectedFile>> below = new HashMap<>();
            int count = 0;
            for (Map.Entry<String, ProjectedFile> each : files.entrySet()) {
                Path path = Path.of(each.getKey());
                if (path.getNameCount() == 1) {
                    count++;
                    if (!isEqual(directory, path.toString(), each.getValue())) {
                        return false;
                    }
                } else {
                    below.computeIfAbsent(path.getName(0).toString(), _ -> new HashMap<>())
                            .put(path.subpath(1, path.getNameCount()).toString(), each.getValue());
                }
            }
            for (Map.Entry<String, Map<String, ProjectedFile>> each : below.entrySet()) {
                if (!holds(directory, each.getKey(), each.getValue())) {
                    return false;
                }
            }
            return directory.names().size() == count + below.size();
        }
    }

    /** The mode with the bits that {@link VolumeOwnership} adds for an fsGroup. */
    private int mode(ProjectedFile file) {
        return file.mode() | (security.groups().fsGroup().isPresent() ? 0440 : 0);
    }

    private boolean isEqual(SafeDirectory in, String name, ProjectedFile wanted) throws IOException {
        byte[] content = wanted.content().toArray();
        try {
            PosixFileAttributes found = in.attributes(name);
            return found.isRegularFile()
                    && found.size() == content.length
                    && found.permissions().equals(permissions(mode(wanted)))
                    && in.contains(name, content);
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    // --- removal

    private void tidy(Set<String> names, String current) throws IOException {
        for (String name : root.names()) {
            boolean wanted = name.equals(DATA) || name.equals(current) || names.contains(name);
            if (!wanted && (name.startsWith("..") || root.linkTarget(name).isPresent())) {
                new TreeRemoval(mounts).remove(root.path(), name);
            }
        }
    }
}
