/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one process at a time use a directory. The kernel holds the lock, so it ends with its owner,
 * however that ends. Used by one thread.
 */
public final class DirectoryLock implements AutoCloseable {

    /** The file in the directory that is locked. It is empty and stays. */
    static final String FILE = "lock";

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryLock.class);
    private static final Path KERNEL_LOCKS = Path.of("/proc/locks");

    private final Optional<FileChannel> locked;

    private DirectoryLock(Optional<FileChannel> locked) {
        this.locked = locked;
    }

    /**
     * Locks a directory, which is created if it is missing. A directory that cannot be written to for
     * a reason other than permission is used without a lock, because pods run without it, too.
     *
     * @throws IOException if another process has locked it; the message names that process
     */
    public static DirectoryLock take(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        FileChannel channel;
        try {
            Files.createDirectories(directory);
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            LOG.warn("cannot lock {}, so another daemon could use it, too: {}", directory, e.toString());
            return new DirectoryLock(Optional.empty());
        }
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new DirectoryLock(Optional.of(channel));
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("this process already uses the root directory " + directory, e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        String owner = owner(file).map(pid -> " (process " + pid + ")").orElse("");
        channel.close();
        throw new IOException("another jubelet" + owner + " uses the root directory " + directory
                + ", and only one can run the pods of a node; stop it (systemctl stop jubelet), or choose another"
                + " directory with --root-dir");
    }

    /** The process that has locked a file, as the kernel lists it; empty if that is not visible from here. */
    private static Optional<String> owner(Path file) throws IOException {
        return owner(Files.readAllLines(KERNEL_LOCKS), Objects.toString(Files.getAttribute(file, "unix:ino")));
    }

    /**
     * The process that has locked a file.
     *
     * @param lines such as {@code 1: POSIX  ADVISORY  WRITE 4711 08:01:1234 0 EOF}
     */
    static Optional<String> owner(List<String> lines, String inode) {
        return lines.stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(fields -> fields.length > 5 && fields[3].equals("WRITE") && fields[5].endsWith(":" + inode))
                .map(fields -> fields[4])
                .filter(pid -> pid.matches("[1-9]\\d*"))
                .findFirst();
    }

    @Override
    public void close() throws IOException {
        if (locked.isPresent()) {
            locked.get().close();
        }
    }
}
