/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open file or directory at a path below a directory, resolved safely even if names on the path
 * change meanwhile.
 *
 * <p>Each name is opened from the directory before it, and the kernel follows no link. The target
 * of a symbolic link is resolved in the same way: a relative one may lead anywhere below the
 * directory, and one that leads out of it is rejected. {@code ..} returns to the directory that was
 * opened before, so that renaming cannot make it leave the root. Linux only; used by one thread.
 */
public final class SafePath implements AutoCloseable {

    /** The limit of the kernel. */
    private static final int MAX_LINKS = 40;

    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-r--r--");

    private final Deque<Integer> opened = new ArrayDeque<>();
    private final Missing missing;
    private boolean created;

    private SafePath(Missing missing) {
        this.missing = missing;
    }

    /** What is done about names that do not exist. */
    public enum Missing {
        /** Directories are created with the mode of the root. */
        CREATE,
        /** The same by a process of its own, because the file system might hang. */
        CREATE_BY_PROCESS,
        /** Opening the path fails. */
        FAIL
    }

    /**
     * Opens a path.
     *
     * @param root trusted, as is its path
     * @param names the names below it, without {@code .} and {@code ..}
     * @throws NoSuchFileException if a name does not exist and is not to be created
     * @throws IOException if the path leads out of the root or through something that is not a
     *     directory; the message is for the user
     */
    public static SafePath open(Path root, List<String> names, Missing missing)
            throws IOException, InterruptedException {
        SafePath path = new SafePath(missing);
        try {
            path.opened.push(LinuxFileCalls.open(root));
            path.walk(names);
            return path;
        } catch (LinuxFileCalls.CallException e) {
            path.close();
            throw e.errno() == LinuxFileCalls.ENOENT ? new NoSuchFileException(root.toString()) : e;
        } catch (IOException | RuntimeException | InterruptedException e) {
            path.close();
            throw e;
        }
    }

    /** Whether a directory was created, because a name did not exist. */
    public boolean created() {
        return created;
    }

    private void walk(List<String> names) throws IOException, InterruptedException {
        Deque<String> left = new ArrayDeque<>(names);
        int mode = (int) Files.getAttribute(SafeEntry.descriptor(opened.peek()), "unix:mode") & 07777;
        int links = 0;
        while (!left.isEmpty()) {
            String name = left.pop();
            if (name.equals("..")) {
                if (opened.size() == 1) {
                    throw new IOException("a symbolic link leads out of the volume");
                }
                LinuxFileCalls.close(opened.pop());
                continue;
            }
            int next = openOrCreate(name, mode);
            String target = targetOf(next);
            if (target == null) {
                opened.push(next);
                continue;
            }
            LinuxFileCalls.close(next);
            if (target.startsWith("/")) {
                throw new IOException("the symbolic link \"" + name + "\" leads out of the volume, to " + target);
            }
            if (++links > MAX_LINKS) {
                throw new IOException("too many symbolic links in the path, the last is \"" + name + "\"");
            }
            names(target).reversed().forEach(left::push);
        }
    }

    /** The names in a path, without empty ones and {@code .}. */
    public static List<String> names(String path) {
        return List.of(path.split("/")).stream()
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }

    private @Nullable String targetOf(int next) throws IOException {
        try {
            return LinuxFileCalls.target(next).orElse(null);
        } catch (IOException e) {
            LinuxFileCalls.close(next);
            throw e;
        }
    }

    private int openOrCreate(String name, int mode) throws IOException, InterruptedException {
        int in = opened.peek();
        try {
            return LinuxFileCalls.open(in, name);
        } catch (LinuxFileCalls.CallException e) {
            if (e.errno() == LinuxFileCalls.ENOTDIR) {
                throw new IOException("the path before \"" + name + "\" is not a directory", e);
            }
            if (e.errno() != LinuxFileCalls.ENOENT) {
                throw new IOException("\"" + name + "\" cannot be opened: " + e.getMessage(), e);
            }
        }
        boolean byUs = switch (missing) {
            case CREATE -> create(in, name, mode);
            case CREATE_BY_PROCESS -> CreationProcess.createDirectory(in, name);
            case FAIL -> throw new NoSuchFileException(name);
        };
        created |= byUs;
        int directory = LinuxFileCalls.open(in, name);
        if (byUs && Posix.fileType(SafeEntry.descriptor(directory)) == Posix.FileType.DIRECTORY) {
            Files.setAttribute(SafeEntry.descriptor(directory), "unix:mode", mode); // regardless of the umask
        }
        return directory;
    }

    private static boolean create(int in, String name, int mode) throws IOException {
        try {
            LinuxFileCalls.createDirectory(in, name, mode);
            return true;
        } catch (LinuxFileCalls.CallException e) {
            if (e.errno() != LinuxFileCalls.EEXIST) {
                throw new IOException("\"" + name + "\" cannot be created: " + e.getMessage(), e);
            }
            return false; // just created by another process
        }
    }

    /** Whether another path currently leads to the same file or directory. */
    boolean isSameFileAs(Path other) throws IOException {
        return Files.isSameFile(SafeEntry.descriptor(opened.peek()), other);
    }

    /**
     * Bind-mounts it to another path, from where it can be mounted into a container. An existing
     * bind mount of the same entry is kept, another one is unmounted.
     *
     * @param name of the other path in the directory
     */
    public void bindTo(SafeDirectory directory, String name) throws IOException {
        Path self = SafeEntry.descriptor(opened.peek());
        BasicFileAttributes attributes = Files.readAttributes(self, BasicFileAttributes.class);
        if (directory.has(name)) {
            if (Objects.equals(directory.attributes(name).fileKey(), attributes.fileKey())) {
                return;
            }
            while (LinuxFileCalls.unmount(directory.resolve(name), true)) {
                // there may be several, if the daemon was killed
            }
            directory.delete(name);
        }
        if (attributes.isDirectory()) {
            directory.enterOrCreate(name, DIRECTORY).close();
        } else {
            directory.replace(name, new byte[0], FILE);
        }
        try (SafeEntry place = directory.entry(name)) {
            LinuxFileCalls.bind(self, place.path());
        }
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            LinuxFileCalls.close(opened.pop());
        }
    }
}
