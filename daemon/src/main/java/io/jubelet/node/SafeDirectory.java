/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
            throw SafeEntry.toFileException(e, trusted.toString());
        }
    }

    private int openAny(String name) throws IOException {
        try {
            return LinuxFileCalls.open(directory, requirePlainName(name));
        } catch (LinuxFileCalls.CallException e) {
            throw SafeEntry.toFileException(e, shown(name));
        }
    }

    /** The path of an entry for messages; it must not be opened by it. */
    String shown(String name) {
        return shown.resolve(name).toString();
    }

    private static String requirePlainName(String name) throws NoSuchFileException {
        if (!SecureDirectories.isPlainName(name)) {
            throw new NoSuchFileException(name, null, "not the name of a single entry");
        }
        return name;
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
            throw SafeEntry.named(e, shown(name));
        }
        SafeDirectory created = enter(name);
        try {
            if (Umask.removes(permissions)) {
                Files.setPosixFilePermissions(created.path(), permissions);
            }
            return created;
        } catch (IOException e) {
            created.close();
            throw SafeEntry.named(e, shown(name));
        }
    }

    /** As {@link #enterOrCreate}, but removes a symbolic link in the place of the directory. */
    public SafeDirectory enterOrReplaceLink(String name, Set<PosixFilePermission> permissions) throws IOException {
        try {
            return enterOrCreate(name, permissions);
        } catch (NotDirectoryException e) {
            if (linkTarget(name).isEmpty()) {
                throw e;
            }
            delete(name);
            return enterOrCreate(name, permissions);
        }
    }

    /** Opens a directory in this one; empty if there is no such directory. */
    public Optional<SafeDirectory> enterIfDirectory(String name) throws IOException {
        int opened = openDirectory(name);
        return opened < 0 ? Optional.empty() : Optional.of(new SafeDirectory(opened, shown.resolve(name)));
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

    /** A path of this directory, valid while it is open. */
    public Path path() {
        return SafeEntry.descriptor(directory);
    }

    /** A path by which other processes of this user can open this directory while it is open here. */
    public String pathForProcesses() {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + directory;
    }

    /**
     * A path of an entry of this directory, valid while the directory is open, even if it is
     * renamed.
     */
    public Path resolve(String name) {
        if (!SecureDirectories.isPlainName(name)) {
            throw new IllegalArgumentException("not the name of a single entry: " + name);
        }
        return path().resolve(name);
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
        try (SafeEntry entry = entry(name)) {
            BasicFileAttributes attributes = entry.attributes();
            if (!attributes.isRegularFile()) {
                throw new FileSystemException(shown(name), null, "is not a regular file");
            }
            return new Opened(Files.newByteChannel(entry.path(), options), attributes.fileKey());
        } catch (IOException e) {
            throw SafeEntry.named(e, shown(name));
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
            throw SafeEntry.named(e, shown(name));
        }
        if (Umask.removes(permissions)) {
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

    /** The names of the entries. */
    public List<String> names() throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path())) {
            List<String> names = new ArrayList<>();
            for (Path entry : SecureDirectories.entries(entries)) {
                names.add(entry.getFileName().toString());
            }
            return names;
        }
    }

    /**
     * The attributes of an entry; of the link itself if it is a symbolic link.
     *
     * @throws NoSuchFileException if there is no such entry
     */
    public PosixFileAttributes attributes(String name) throws IOException {
        try {
            return Files.readAttributes(resolve(name), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw SafeEntry.named(e, shown(name));
        }
    }

    /** Whether there is an entry, whatever it is. */
    public boolean has(String name) {
        return Files.exists(resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    /** The target of a symbolic link; empty if there is no such link. */
    public Optional<Path> linkTarget(String name) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(resolve(name)));
        } catch (NoSuchFileException | NotLinkException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw SafeEntry.named(e, shown(name));
        }
    }

    /** Sets the permissions of this directory. */
    public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
        try {
            Files.setPosixFilePermissions(path(), permissions);
        } catch (IOException e) {
            throw SafeEntry.named(e, shown.toString());
        }
    }

    /** Opens an entry without any access, whatever it is. */
    public SafeEntry entry(String name) throws IOException {
        return new SafeEntry(openAny(name), this, name);
    }

    /** This directory as an entry; closing it leaves the directory open. */
    public SafeEntry self() throws IOException {
        try {
            return new SafeEntry(LinuxFileCalls.open(directory, "."), this, "");
        } catch (LinuxFileCalls.CallException e) {
            throw SafeEntry.toFileException(e, shown.toString());
        }
    }

    /** Whether another file system is mounted on this directory of another one. */
    public boolean isMountedIn(SafeDirectory parent) throws IOException {
        return !Files.getAttribute(path(), "unix:dev").equals(Files.getAttribute(parent.path(), "unix:dev"));
    }

    /** Writes the present content of a regular file to the disk. */
    public void sync(String name) throws IOException {
        try (Opened file = open(name, StandardOpenOption.READ)) {
            ((FileChannel) file.channel()).force(true);
        }
    }

    /** Writes the names in this directory to the disk. */
    public void sync() throws IOException {
        try (FileChannel channel = FileChannel.open(path(), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Renames an entry, and replaces any entry of the new name that is not a directory. */
    public void rename(String from, String to) throws IOException {
        try {
            Files.move(resolve(from), resolve(to), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw SafeEntry.named(e, shown(to));
        }
    }

    /** A symbolic link to {@code target} in this directory. */
    public void link(String name, Path target) throws IOException {
        try {
            Files.createSymbolicLink(resolve(name), target);
        } catch (IOException e) {
            throw SafeEntry.named(e, shown(name));
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
            throw SafeEntry.named(e, shown(name));
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
        try (SafeEntry entry = entry(name)) {
            if (entry.attributes().isRegularFile()) {
                Files.setPosixFilePermissions(entry.path(), permissions);
            }
        }
    }

    @Override
    public void close() {
        LinuxFileCalls.close(directory);
    }
}
