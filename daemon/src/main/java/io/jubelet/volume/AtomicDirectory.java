/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.node.SecureDirectories;
import io.jubelet.pod.Bytes;
import io.jubelet.pod.PodSecurity;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A directory whose files change atomically. They are in a directory of their own that the link
 * {@code ..data} points to, and each name that users see is a link through {@code ..data}, so
 * replacing that one link replaces all files. A program that reads several files together resolves
 * {@code ..data} first. Source: the kubelet's atomic writer, whose layout this is.
 *
 * <p>No link that is found here is followed, except that the name in {@code ..data} is used. The
 * next write removes what a crash has left. Used by one thread at a time.
 */
final class AtomicDirectory {

    private static final String DATA = "..data";
    private static final String NEW_DATA = "..data_tmp";
    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> CLOSED = PosixFilePermissions.fromString("rwx------");

    private final Path root;
    private final PodSecurity security;

    /**
     * @param root an existing directory that nothing else writes to
     * @param security of the pod, whose fsGroup owns the files
     */
    AtomicDirectory(Path root, PodSecurity security) {
        this.root = root;
        this.security = security;
    }

    /** Whether the directory has been written before. */
    boolean written() {
        return Files.isSymbolicLink(root.resolve(DATA));
    }

    /**
     * Makes the directory contain exactly these files; does nothing if it does already.
     *
     * @param files by relative path, none of which begins with {@code ..}
     * @return whether anything was written
     */
    boolean write(Map<String, ProjectedFile> files, Instant now) throws IOException {
        String before = current();
        boolean same = !before.isEmpty() && holds(root.resolve(before), files);
        String current = same ? before : replace(files, now);
        Set<String> names = new HashSet<>();
        for (String path : files.keySet()) {
            names.add(Path.of(path).getName(0).toString());
        }
        for (String name : names) {
            Path link = root.resolve(name);
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(link, Path.of(DATA, name));
            }
        }
        tidy(names, current);
        return !same;
    }

    /** The name of the directory that {@code ..data} points to; empty if there is none. */
    private String current() throws IOException {
        try {
            Path target = Files.readSymbolicLink(root.resolve(DATA));
            String name = target.toString();
            boolean valid = target.getNameCount() == 1 && !target.isAbsolute() && name.startsWith("..20");
            return valid && Files.isDirectory(root.resolve(name), LinkOption.NOFOLLOW_LINKS) ? name : "";
        } catch (NoSuchFileException | NotLinkException _) {
            return "";
        }
    }

    private String replace(Map<String, ProjectedFile> files, Instant now) throws IOException {
        String name = name(now);
        Path directory = root.resolve(name);
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(CLOSED));
        for (Map.Entry<String, ProjectedFile> each : files.entrySet()) {
            Path file = directory.resolve(each.getKey());
            makeParents(directory, Path.of(each.getKey()));
            write(file, each.getValue());
        }
        Files.setPosixFilePermissions(directory, DIRECTORY);
        VolumeOwnership.apply(directory, security, true);
        Path link = root.resolve(NEW_DATA);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(name));
        Files.move(link, root.resolve(DATA), StandardCopyOption.ATOMIC_MOVE);
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

    /**
     * Creates the missing directories above a file. {@code file} is relative to the existing
     * directory.
     */
    private static void makeParents(Path directory, Path file) throws IOException {
        Path parent = directory;
        for (int i = 0; i < file.getNameCount() - 1; i++) {
            parent = parent.resolve(file.getName(i));
            if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(parent);
                Files.setPosixFilePermissions(parent, DIRECTORY);
            }
        }
    }

    private static void write(Path file, ProjectedFile content) throws IOException {
        Set<StandardOpenOption> fresh = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (OutputStream out = Channels.newOutputStream(Files.newByteChannel(
                file, fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))))) {
            out.write(content.content().toArray());
        }
        Files.setPosixFilePermissions(file, permissions(content.mode()));
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

    private boolean holds(Path directory, Map<String, ProjectedFile> files) throws IOException {
        Map<String, Path> found = new HashMap<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                found.put(directory.relativize(file).toString(), file);
                return FileVisitResult.CONTINUE;
            }
        });
        if (found.size() != files.size()) {
            return false;
        }
        for (Map.Entry<String, ProjectedFile> each : files.entrySet()) {
            Path file = found.get(each.getKey());
            if (file == null || !equal(file, each.getValue())) {
                return false;
            }
        }
        return true;
    }

    /** The mode with the bits that {@link VolumeOwnership} adds for an fsGroup. */
    private int mode(ProjectedFile file) {
        return file.mode() | (security.groups().fsGroup().isPresent() ? 0440 : 0);
    }

    private boolean equal(Path file, ProjectedFile wanted) throws IOException {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.size(file) == wanted.content().size()
                && Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS)
                        .equals(permissions(mode(wanted)))
                && Bytes.of(Files.readAllBytes(file)).equals(wanted.content());
    }

    // --- removal

    private void tidy(Set<String> names, String current) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            for (Path entry : SecureDirectories.entries(entries)) {
                String name = entry.getFileName().toString();
                boolean wanted = name.equals(DATA) || name.equals(current) || names.contains(name);
                if (!wanted && (name.startsWith("..") || Files.isSymbolicLink(entry))) {
                    remove(entry);
                }
            }
        }
    }

    private static void remove(Path path) throws IOException {
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
