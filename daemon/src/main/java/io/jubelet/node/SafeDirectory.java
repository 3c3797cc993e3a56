/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An open directory below a trusted one. What is done through it happens in this directory, even if
 * names on the path change. Symbolic links are not followed, not even those that stay below the
 * trusted directory, because only this daemon creates entries there.
 *
 * <p>An entry is first opened without any access, which neither blocks nor affects it. Then it is
 * checked, and only a regular file is opened for reading or writing, through the descriptor that
 * was checked. So a pipe, on which an open would block forever, or a device cannot be put in its
 * place meanwhile. The JDK offers no such way.
 *
 * <p>Linux only; used by one thread at a time.
 */
public final class SafeDirectory implements AutoCloseable {

    private static final Set<OpenOption> NEW_FILE =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);

    /** The permissions that the umask of the process removes from new files. */
    private static final int UMASK = umask();

    private final int directory;

    /** The path by which it was opened, for messages only. */
    private final Path shown;

    private SafeDirectory(int directory, Path shown) {
        this.directory = directory;
        this.shown = shown;
    }

    /**
     * Opens a directory.
     *
     * @param trusted a directory that only this user and root can write to; links in its path are
     *     followed
     * @param names the names below it, each of one entry
     * @throws NoSuchFileException if there is no such entry
     * @throws NotDirectoryException if one of the names is something else, such as a symbolic link
     */
    public static SafeDirectory open(Path trusted, String... names) throws IOException {
        SafeDirectory reached = new SafeDirectory(openTrusted(trusted), trusted);
        for (String name : names) {
            try (SafeDirectory before = reached) {
                reached = before.enter(name);
            }
        }
        return reached;
    }

    private static int openTrusted(Path trusted) throws IOException {
        try {
            return LinuxFileCalls.open(trusted);
        } catch (LinuxFileCalls.CallException e) {
            throw toFileException(e, trusted.toString());
        }
    }

    private int openAny(String name) throws IOException {
        try {
            return LinuxFileCalls.open(directory, requirePlainName(name));
        } catch (LinuxFileCalls.CallException e) {
            throw toFileException(e, shown(name));
        }
    }

    private String shown(String name) {
        return shown.resolve(name).toString();
    }

    /** The same failure with the path that users know: the one of the call leads through a descriptor. */
    private IOException named(IOException e, String name) {
        String path = shown(name);
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

    private static IOException toFileException(LinuxFileCalls.CallException failure, String name) {
        return failure.errno() == LinuxFileCalls.ENOENT
                ? new NoSuchFileException(name)
                : new FileSystemException(name, null, failure.getMessage());
    }

    private static String requirePlainName(String name) throws NoSuchFileException {
        if (!SecureDirectories.isPlainName(name)) {
            throw new NoSuchFileException(name, null, "not the name of a single entry");
        }
        return name;
    }

    private Path descriptor(int opened) {
        return shown.getFileSystem().getPath("/proc/self/fd/" + opened);
    }

    /** The attributes of an open entry, also of a symbolic link itself. */
    private BasicFileAttributes attributes(int opened) throws IOException {
        return Files.readAttributes(descriptor(opened), BasicFileAttributes.class);
    }

    /**
     * Opens a directory in this one, and creates it if it does not exist, with these permissions
     * regardless of the umask.
     */
    public SafeDirectory enterOrCreate(String name, Set<PosixFilePermission> permissions) throws IOException {
        int there = openDirectory(name);
        if (there >= 0) {
            return new SafeDirectory(there, shown.resolve(name));
        }
        try {
            Files.createDirectory(resolve(name), PosixFilePermissions.asFileAttribute(permissions));
        } catch (FileAlreadyExistsException _) {
            return enter(name); // not a directory, or just created by another process
        } catch (IOException e) {
            throw named(e, name);
        }
        SafeDirectory created = enter(name);
        try {
            if (masks(permissions)) {
                Files.setPosixFilePermissions(created.path(), permissions);
            }
            return created;
        } catch (IOException e) {
            created.close();
            throw named(e, name);
        }
    }

    /**
     * Opens a directory in this one.
     *
     * @throws NoSuchFileException if there is no such entry
     * @throws NotDirectoryException if it is something else
     */
    public SafeDirectory enter(String name) throws IOException {
        int opened = openDirectory(name);
        if (opened < 0) {
            // With these flags the kernel opens only directories.
            LinuxFileCalls.close(openAny(name));
            throw new NotDirectoryException(shown(name));
        }
        return new SafeDirectory(opened, shown.resolve(name));
    }

    /** Negative if there is no such directory. */
    private int openDirectory(String name) throws IOException {
        return LinuxFileCalls.openDirectory(directory, requirePlainName(name));
    }

    /** Whether the umask removes any of these permissions. */
    private static boolean masks(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (PosixFilePermission permission : permissions) {
            mode |= 0400 >> permission.ordinal(); // in the order of their bits
        }
        return (mode & UMASK) != 0;
    }

    private static int umask() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("Umask:"))
                    .map(line ->
                            Integer.parseInt(line.substring("Umask:".length()).strip(), 8))
                    .findFirst()
                    .orElse(0777);
        } catch (IOException _) {
            return 0777; // assume the strictest
        }
    }

    /** A path of this directory, valid while it is open. */
    public Path path() {
        return descriptor(directory);
    }

    /**
     * A path of an entry of this directory, valid while the directory is open, even if it is
     * renamed.
     */
    public Path resolve(String name) {
        if (!SecureDirectories.isPlainName(name)) {
            throw new IllegalArgumentException("not the name of a single entry: " + name);
        }
        return descriptor(directory).resolve(name);
    }

    /**
     * An open regular file.
     *
     * @param key identifies the file, as {@link BasicFileAttributes#fileKey()}
     */
    public record Opened(SeekableByteChannel channel, Object key) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /**
     * Opens a regular file.
     *
     * @throws NoSuchFileException if there is no entry of that name
     * @throws FileSystemException if it is something else
     */
    public Opened open(String name, OpenOption... options) throws IOException {
        int opened = openAny(name);
        try {
            BasicFileAttributes attributes = attributes(opened);
            if (!attributes.isRegularFile()) {
                throw new FileSystemException(shown(name), null, "is not a regular file");
            }
            return new Opened(Files.newByteChannel(descriptor(opened), options), attributes.fileKey());
        } catch (IOException e) {
            throw named(e, name);
        } finally {
            LinuxFileCalls.close(opened);
        }
    }

    /**
     * Creates a file with these permissions regardless of the umask, and replaces any entry of that
     * name that is not a directory.
     */
    public void replace(String name, byte[] content, Set<PosixFilePermission> permissions) throws IOException {
        try {
            create(name, content, permissions);
        } catch (FileAlreadyExistsException _) {
            delete(name);
            create(name, content, permissions);
        }
    }

    private void create(String name, byte[] content, Set<PosixFilePermission> permissions) throws IOException {
        try (SeekableByteChannel out =
                Files.newByteChannel(resolve(name), NEW_FILE, PosixFilePermissions.asFileAttribute(permissions))) {
            write(out, content);
        } catch (IOException e) {
            throw named(e, name);
        }
        if (masks(permissions)) {
            setPermissions(name, permissions);
        }
    }

    /** Whether an entry is a regular file with this content. */
    public boolean contains(String name, byte[] content) throws IOException {
        try (Opened file = open(name, StandardOpenOption.READ)) {
            if (file.channel().size() != content.length) {
                return false;
            }
            ByteBuffer present = ByteBuffer.allocate(content.length);
            while (present.hasRemaining() && file.channel().read(present) >= 0) {
                // until all is read
            }
            return Arrays.equals(present.array(), content);
        } catch (FileSystemException _) { // missing, or not a regular file
            return false;
        }
    }

    /** Renames an entry, and replaces any entry of the new name that is not a directory. */
    public void rename(String from, String to) throws IOException {
        try {
            Files.move(resolve(from), resolve(to), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw named(e, to);
        }
    }

    /** A symbolic link to {@code target} in this directory. */
    public void link(String name, Path target) throws IOException {
        try {
            Files.createSymbolicLink(resolve(name), target);
        } catch (IOException e) {
            throw named(e, name);
        }
    }

    /**
     * Deletes an entry, also a symbolic link itself; does nothing if it does not exist. A directory
     * must be empty.
     */
    public void delete(String name) throws IOException {
        try {
            Files.deleteIfExists(resolve(name));
        } catch (IOException e) {
            throw named(e, name);
        }
    }

    /** Writes all content at the current position of a file. */
    public static void write(SeekableByteChannel file, byte[] content) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    private void setPermissions(String name, Set<PosixFilePermission> permissions) throws IOException {
        int opened = openAny(name);
        try {
            if (attributes(opened).isRegularFile()) {
                Files.setPosixFilePermissions(descriptor(opened), permissions);
            }
        } finally {
            LinuxFileCalls.close(opened);
        }
    }

    @Override
    public void close() {
        LinuxFileCalls.close(directory);
    }
}
