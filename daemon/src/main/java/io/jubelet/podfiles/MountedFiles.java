/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.node.SafeDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/**
 * The files that are mounted individually into containers: the hosts file of a pod, and the
 * termination log of each instance.
 *
 * <p>Containers write to them, and a pod that mounts the directories of pods may have replaced them
 * or a directory above them by symbolic links. So no link is followed here, and what is no longer a
 * regular file is replaced by one. Safe for use by many threads, provided that one thread at a time
 * works on a pod version.
 */
public final class MountedFiles {

    private static final String HOSTS = "etc-hosts";
    private static final String CONTAINERS = "containers";
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwxr-x---");
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> WRITABLE = PosixFilePermissions.fromString("rw-rw-rw-");

    private final Path pods;

    /** @param pods the directory with the directories of pod versions; trusted */
    MountedFiles(Path pods) {
        this.pods = pods;
    }

    /** Creates the empty termination log of one instance, which does not run yet. */
    Path makeTerminationLog(String uid, String container, int attempt) throws IOException {
        try (SafeDirectory podDirectory = SafeDirectory.open(pods, uid);
                SafeDirectory containers = podDirectory.enterOrCreate(CONTAINERS, PRIVATE);
                SafeDirectory ofContainer = containers.enterOrCreate(container, PRIVATE)) {
            String name = Integer.toString(attempt);
            if (!isEmptyFile(ofContainer, name)) {
                ofContainer.replace(name, new byte[0], WRITABLE);
            }
        }
        return terminationLog(uid, container, attempt);
    }

    private static boolean isEmptyFile(SafeDirectory directory, String name) throws IOException {
        try {
            PosixFileAttributes attributes = directory.attributes(name);
            return attributes.isRegularFile()
                    && attributes.size() == 0
                    && attributes.permissions().equals(WRITABLE);
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /** The termination log of one instance; it need not exist. */
    public Path terminationLog(String uid, String container, int attempt) {
        return pods.resolve(uid).resolve(CONTAINERS).resolve(container).resolve(Integer.toString(attempt));
    }

    /** Removes the termination log of one instance; done if there is none. */
    void removeTerminationLog(String uid, String container, int attempt) throws IOException {
        try (SafeDirectory ofContainer = SafeDirectory.open(pods, uid, CONTAINERS, container)) {
            ofContainer.delete(Integer.toString(attempt));
        } catch (NoSuchFileException | NotDirectoryException | DirectoryNotEmptyException _) {
            // never created, removed before, or replaced by a directory that is removed with the
            // version
        }
    }

    /** Writes the hosts file in place, because running containers have it mounted. */
    public Path writeHosts(String uid, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        try (SafeDirectory podDirectory = SafeDirectory.open(pods, uid)) {
            try (SafeDirectory.Opened file =
                    podDirectory.open(HOSTS, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                rewrite(file.channel(), bytes, hosts(uid));
            } catch (FileSystemException _) { // missing, or not a regular file
                podDirectory.replace(HOSTS, bytes, READABLE);
            }
        }
        return hosts(uid);
    }

    /** The hosts file of a pod version; it need not exist. */
    public Path hosts(String uid) {
        return pods.resolve(uid).resolve(HOSTS);
    }

    /**
     * Reads at most as much as is to be written, because a container may have made the file
     * arbitrarily large.
     */
    private static void rewrite(SeekableByteChannel file, byte[] bytes, Path shown) throws IOException {
        if (file.size() == bytes.length) {
            ByteBuffer present = ByteBuffer.allocate(bytes.length);
            while (present.hasRemaining() && file.read(present) >= 0) {
                // until all is read
            }
            if (Arrays.equals(present.array(), bytes)) {
                return;
            }
        }
        try {
            SafeDirectory.write(file.position(0), bytes);
            file.truncate(bytes.length);
        } catch (IOException e) {
            throw new IOException(shown + " cannot be written: " + e.getMessage(), e); // the call does not name it
        }
    }
}
