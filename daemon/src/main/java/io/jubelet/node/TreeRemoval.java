/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Removes a directory tree whose content containers control.
 *
 * <p>Each directory is opened from its parent without following symbolic links, so nothing outside
 * of the tree can be reached. What is mounted in the tree is unmounted first, and never deleted
 * from. A tree that is deeper than the limit of open file descriptors is cut into pieces while it
 * is removed.
 */
public final class TreeRemoval {

    /**
     * The prefix of the names of pieces beside the tree that they come from. Only a crash leaves
     * any behind.
     */
    public static final String PIECE = ".removed-";

    private static final int MAX_DEPTH = 32;

    private final Mounts mounts;

    /** @param mounts of the node */
    public TreeRemoval(Mounts mounts) {
        this.mounts = mounts;
    }

    /**
     * Removes {@code parent/name} and everything below; done if it does not exist.
     *
     * @throws IOException if something is left
     */
    public void remove(Path parent, String name) throws IOException {
        if (!SecureDirectories.isPlainName(name)) {
            throw new IllegalArgumentException("not the name of a directory: " + name);
        }
        Path tree = parent.resolve(name);
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path realParent = parent.toRealPath();
        Path real = realParent.resolve(name);
        List<Path> mounted = mounts.within(real);
        for (Path point : mounted) {
            mounts.unmount(parent, realParent.relativize(point));
        }
        List<Path> left = mounted.isEmpty() ? mounted : mounts.within(real);
        if (!left.isEmpty()) {
            throw new IOException("still mounted: " + left.getFirst());
        }
        try (SecureDirectoryStream<Path> top = SecureDirectories.open(parent)) {
            Deque<Path> pieces = new ArrayDeque<>(List.of(Path.of(name)));
            while (!pieces.isEmpty()) {
                Path piece = pieces.removeFirst();
                Optional<String> device = fileSystem(top, piece);
                if (device.isPresent()) {
                    new Removal(top, device.get(), pieces).remove(top, piece, 0);
                }
            }
        }
    }

    /** Identifies the file system of a file; empty if there is no such file. */
    private static Optional<String> fileSystem(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        try {
            return Optional.of(fileSystem(attributes(directory, name)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /**
     * The part before the inode in {@code (dev=...,ino=...)}, the only identity of a file system
     * that the JDK provides.
     */
    private static String fileSystem(BasicFileAttributes attributes) {
        String key = String.valueOf(attributes.fileKey());
        return key.substring(0, Math.max(0, key.indexOf(',')));
    }

    private static BasicFileAttributes attributes(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return directory
                .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    /**
     * The removal of one piece.
     *
     * @param device identifies the file system of the piece; what was mounted in it in the meantime
     *     is not touched
     */
    private record Removal(SecureDirectoryStream<Path> top, String device, Deque<Path> pieces) {

        private void remove(SecureDirectoryStream<Path> directory, Path name, int depth) throws IOException {
            BasicFileAttributes attributes;
            try {
                attributes = attributes(directory, name);
            } catch (NoSuchFileException _) {
                return;
            }
            if (!fileSystem(attributes).equals(device)) {
                throw new IOException("another file system is mounted on " + name);
            }
            if (!attributes.isDirectory()) {
                directory.deleteFile(name);
                return;
            }
            if (depth > MAX_DEPTH) {
                Path piece = Path.of(PIECE + Long.toUnsignedString(System.nanoTime(), 36) + "-" + pieces.size());
                directory.move(name, top, piece);
                pieces.add(piece);
                return;
            }
            try (SecureDirectoryStream<Path> inner = SecureDirectories.enter(directory, name)) {
                for (Path entry : inner) {
                    remove(inner, entry.getFileName(), depth + 1);
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
            directory.deleteDirectory(name);
        }
    }
}
