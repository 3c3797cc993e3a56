/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * An entry of a {@link SafeDirectory} that is open without any access: a file, a directory, a
 * symbolic link or anything else. It stays the same entry even if another one takes its name.
 *
 * <p>Linux only; used by one thread at a time.
 */
public final class SafeEntry implements AutoCloseable {

    private final int opened;
    private final SafeDirectory directory;
    private final String name;

    /** @param name empty for the directory itself */
    SafeEntry(int opened, SafeDirectory directory, String name) {
        this.opened = opened;
        this.directory = directory;
        this.name = name;
    }

    static Path descriptor(int opened) {
        return Path.of("/proc/self/fd/" + opened);
    }

    /** A path of the entry, valid while it is open. A call that follows links leads to the entry itself. */
    Path path() {
        return descriptor(opened);
    }

    /** The attributes of the entry, also of a symbolic link itself. */
    BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(path(), BasicFileAttributes.class);
    }

    /** The ID of the group. */
    public int group() throws IOException {
        return (int) Files.getAttribute(path(), "unix:gid");
    }

    /** The mode without the type of the entry. */
    public int mode() throws IOException {
        return (int) Files.getAttribute(path(), "unix:mode") & 07777;
    }

    /**
     * Changes the group, and adds rights to the mode. A symbolic link gets the group only.
     *
     * @param rights bits of the mode, which may contain setgid
     */
    public void giveToGroup(int group, int rights) throws IOException {
        try {
            if (attributes().isSymbolicLink()) {
                Files.setAttribute(directory.resolve(name), "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
                return;
            }
            // The group first, because its change clears the setgid bit.
            Files.setAttribute(path(), "unix:gid", group);
            Files.setAttribute(path(), "unix:mode", mode() | rights);
        } catch (IOException e) {
            throw named(e, directory.shown(name));
        }
    }

    /** The same failure with the path that users know: the one of the call leads through a descriptor. */
    static IOException named(IOException e, String path) {
        return switch (e) {
            case NoSuchFileException _ -> caused(new NoSuchFileException(path), e);
            case FileAlreadyExistsException _ -> caused(new FileAlreadyExistsException(path), e);
            case AccessDeniedException _ -> caused(new AccessDeniedException(path), e);
            case NotDirectoryException _ -> caused(new NotDirectoryException(path), e);
            case DirectoryNotEmptyException _ -> caused(new DirectoryNotEmptyException(path), e);
            case FileSystemException failure -> caused(new FileSystemException(path, null, failure.getReason()), e);
            default -> caused(new FileSystemException(path, null, e.getMessage()), e);
        };
    }

    private static IOException caused(FileSystemException named, IOException cause) {
        named.initCause(cause);
        return named;
    }

    static IOException toFileException(LinuxFileCalls.CallException failure, String path) {
        return failure.errno() == LinuxFileCalls.ENOENT
                ? new NoSuchFileException(path)
                : new FileSystemException(path, null, failure.getMessage());
    }

    @Override
    public void close() {
        LinuxFileCalls.close(opened);
    }
}
