/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.node.SafeDirectory;
import io.jubelet.node.SecureDirectories;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The log directory of one container. It is opened without following symbolic links, because a
 * container that mounts the logs of the node may have put some there. Used by one thread.
 */
public final class LogDirectory implements AutoCloseable {

    private static final FileAttribute<?> OWNER_WRITES =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"));

    private final SecureDirectoryStream<Path> directory;
    private final Path logs;
    private final String pod;
    private final String container;

    private LogDirectory(SecureDirectoryStream<Path> directory, Path logs, String pod, String container) {
        this.directory = directory;
        this.logs = logs;
        this.pod = pod;
        this.container = container;
    }

    /**
     * Opens the directory.
     *
     * @param logs the directory for the logs of all pods
     * @param pod the name of the pod's directory in it
     * @throws NoSuchFileException if there is no such directory
     */
    public static LogDirectory open(Path logs, String pod, String container) throws IOException {
        try (SecureDirectoryStream<Path> all = SecureDirectories.open(logs);
                SecureDirectoryStream<Path> ofPod = enter(all, pod)) {
            return new LogDirectory(enter(ofPod, container), logs, pod, container);
        }
    }

    private static SecureDirectoryStream<Path> enter(SecureDirectoryStream<Path> from, String name) throws IOException {
        if (!SecureDirectories.isPlainName(name)) {
            throw new NoSuchFileException(name);
        }
        return SecureDirectories.enter(from, Path.of(name));
    }

    /**
     * The names of an instance's log files: the rotated ones from the oldest, then the one being
     * written. Symbolic links that a container has put there are included. Can be called once.
     */
    public List<String> filesOf(int attempt) throws IOException {
        String current = attempt + ".log";
        List<String> files = new ArrayList<>();
        boolean hasCurrent = false;
        for (Path entry : SecureDirectories.entries(directory)) {
            String name = entry.getFileName().toString();
            hasCurrent |= name.equals(current);
            if (name.startsWith(current + ".")) {
                files.add(name);
            }
        }
        files.sort(null); // the names contain times
        if (hasCurrent) {
            files.add(current);
        }
        return files;
    }

    /** Whether there is a regular file of that name. */
    public boolean isRegularFile(String name) throws IOException {
        try {
            return attributes(name).isRegularFile();
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /** Size, identity and times of a file; of the link itself if it is a symbolic link. */
    public BasicFileAttributes attributes(String name) throws IOException {
        return directory
                .getFileAttributeView(Path.of(name), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    /**
     * Opens a regular file for reading.
     *
     * @throws NoSuchFileException if there is none
     * @throws IOException if it is not a regular file
     */
    public SafeDirectory.Opened open(String name) throws IOException {
        try (SafeDirectory beneath = SafeDirectory.open(logs, pod, container)) {
            return beneath.open(name, StandardOpenOption.READ);
        }
    }

    /** Creates a file, which must not exist. */
    public SeekableByteChannel create(String name) throws IOException {
        Set<OpenOption> options =
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);
        return directory.newByteChannel(Path.of(name), options, OWNER_WRITES);
    }

    /** Renames a file and replaces one of the new name. */
    public void rename(String from, String to) throws IOException {
        directory.move(Path.of(from), directory, Path.of(to));
    }

    /**
     * Deletes a file or a symbolic link; done if there is none. A directory stays until all logs of
     * the pod are removed.
     */
    public void delete(String name) throws IOException {
        try {
            if (!attributes(name).isDirectory()) {
                directory.deleteFile(Path.of(name));
            }
        } catch (NoSuchFileException _) {
            // deleted in the meantime
        }
    }

    @Override
    public void close() throws IOException {
        directory.close();
    }
}
