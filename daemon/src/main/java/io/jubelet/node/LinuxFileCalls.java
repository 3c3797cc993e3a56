/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Linux system calls on open directories, files and mounts that the JDK lacks. The first caller
 * waits until they are linked.
 *
 * <p>All functions are called with the same five machine words, which the calling conventions of
 * Linux allow, because each further signature would cost milliseconds and memory. Safe for use by
 * many threads; no call blocks.
 */
final class LinuxFileCalls {

    static final int ENOENT = 2;
    static final int EAGAIN = 11;
    static final int EEXIST = 17;
    static final int ENOTDIR = 20;
    static final int EINVAL = 22;

    private static final long AT_FDCWD = -100;
    private static final long O_PATH_CLOEXEC = 0x200000 | 0x80000;
    /**
     * These two differ between architectures: Arm uses the first where others have {@code
     * O_DIRECT}.
     */
    private static final long O_NOFOLLOW = arm() ? 0x8000 : 0x20000;

    private static final long O_DIRECTORY = arm() ? 0x4000 : 0x10000;

    private static final long O_RDONLY_NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    private static final long F_SETSIG = 10;
    private static final long F_SETLEASE = 1024;
    private static final long F_RDLCK = 0;
    private static final long F_UNLCK = 2;
    private static final long SIGURG = 23;

    private static final long MS_BIND = 4096;
    private static final long MS_SHARED = 1 << 20;
    private static final long MNT_DETACH = 2;
    private static final long UMOUNT_NOFOLLOW = 8;
    private static final long MAX_LINK = 4096;

    /**
     * Larger than {@code struct statvfs}, whose first fields are words on 64-bit machines in every
     * C library.
     */
    private static final int STATVFS_WORDS = 32;

    private static final int STATVFS_BLOCK_SIZE = 1; // f_frsize
    private static final int STATVFS_BLOCKS = 2;
    private static final int STATVFS_AVAILABLE_BLOCKS = 4;
    private static final int STATVFS_FILES = 5;
    private static final int STATVFS_FREE_FILES = 6;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle OPENAT = function("openat");
    private static final MethodHandle FCNTL = function("fcntl");
    private static final MethodHandle MKDIRAT = function("mkdirat");
    private static final MethodHandle READLINKAT = function("readlinkat");
    private static final MethodHandle MOUNT = function("mount");
    private static final MethodHandle UMOUNT = function("umount2");
    private static final MethodHandle STATVFS = function("statvfs");
    private static final MethodHandle CLOSE = function("close");
    private static final MethodHandle STRERROR = function("strerror");

    private LinuxFileCalls() {}

    private static boolean arm() {
        return System.getProperty("os.arch").equals("aarch64");
    }

    /** A system call failed. */
    static final class CallException extends IOException {

        private static final long serialVersionUID = 1;

        private final String call;
        private final int errno;

        CallException(String call, int errno) {
            this.call = call;
            this.errno = errno;
        }

        /** Created on demand, because most failures are expected. */
        @Override
        public String getMessage() {
            return call + ": " + message(errno);
        }

        int errno() {
            return errno;
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name) {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor words = FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG);
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), words, Linker.Option.captureCallState("errno"));
    }

    private static long call(Arena arena, String name, MethodHandle function, long a, long b, long c, long d)
            throws CallException {
        return call(arena, name, function, a, b, c, d, 0);
    }

    private static long call(Arena arena, String name, MethodHandle function, long a, long b, long c, long d, long e)
            throws CallException {
        MemorySegment state = arena.allocate(STATE);
        // A function that returns an int leaves the upper half of the word undefined.
        int result = (int) invoke(function, state, a, b, c, d, e);
        if (result < 0) {
            throw new CallException(name, (int) ERRNO.get(state, 0L));
        }
        return result;
    }

    private static long invoke(MethodHandle function, MemorySegment state, long a, long b, long c, long d) {
        return invoke(function, state, a, b, c, d, 0);
    }

    private static long invoke(MethodHandle function, MemorySegment state, long a, long b, long c, long d, long e) {
        try {
            return (long) function.invokeExact(state, a, b, c, d, e);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable failure) {
            throw new IllegalStateException("a call of the C library threw", failure);
        }
    }

    private static long cString(Arena arena, String cString) {
        return arena.allocateFrom(cString, StandardCharsets.UTF_8).address();
    }

    @SuppressWarnings("restricted")
    private static String message(int errno) {
        try (Arena arena = Arena.ofConfined()) {
            long address = invoke(STRERROR, arena.allocate(STATE), errno, 0, 0, 0);
            return MemorySegment.ofAddress(address).reinterpret(256).getString(0);
        }
    }

    /** Opens a trusted path, following symbolic links; for use with the other calls only. */
    static int open(Path path) throws CallException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(arena, "open", OPENAT, AT_FDCWD, cString(arena, path.toString()), O_PATH_CLOEXEC, 0);
        }
    }

    /**
     * Opens an entry of a directory, without following it if it is a symbolic link; for use with
     * the other calls only.
     */
    static int open(int directory, String name) throws CallException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(arena, "openat", OPENAT, directory, cString(arena, name), O_PATH_CLOEXEC | O_NOFOLLOW, 0);
        }
    }

    /**
     * Opens a directory in another one; for use with the other calls only. Negative if there is no
     * such directory.
     */
    static int openDirectory(int in, String name) {
        try (Arena arena = Arena.ofConfined()) {
            long flags = O_PATH_CLOEXEC | O_NOFOLLOW | O_DIRECTORY;
            return (int) invoke(OPENAT, arena.allocate(STATE), in, cString(arena, name), flags, 0);
        }
    }

    /**
     * Takes a read lease and releases it at once. The signal of a broken lease is changed to SIGURG
     * first, which is ignored: the default would end the process.
     *
     * @throws CallException with {@link #EAGAIN} if a process has the file open for writing
     */
    static void leaseForReading(Path file) throws CallException {
        try (Arena arena = Arena.ofConfined()) {
            String path = file.toString();
            int opened =
                    (int) call(arena, "open", OPENAT, AT_FDCWD, cString(arena, path), O_RDONLY_NONBLOCK_CLOEXEC, 0);
            try {
                call(arena, "fcntl", FCNTL, opened, F_SETSIG, SIGURG, 0);
                call(arena, "fcntl", FCNTL, opened, F_SETLEASE, F_RDLCK, 0);
                call(arena, "fcntl", FCNTL, opened, F_SETLEASE, F_UNLCK, 0);
            } finally {
                close(opened);
            }
        }
    }

    static void createDirectory(int in, String name, int mode) throws CallException {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, "mkdirat", MKDIRAT, in, cString(arena, name), mode, 0);
        }
    }

    /**
     * The target of a symbolic link that was opened with {@link #open(int, String)}; empty if it is
     * not a link.
     */
    static Optional<String> target(int opened) throws CallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MAX_LINK);
            long length = call(arena, "readlinkat", READLINKAT, opened, cString(arena, ""), buffer.address(), MAX_LINK);
            byte[] bytes = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            return Optional.of(new String(bytes, StandardCharsets.UTF_8));
        } catch (CallException e) {
            if (e.errno() == ENOENT || e.errno() == EINVAL || e.errno() == ENOTDIR) {
                return Optional.empty();
            }
            throw e;
        }
    }

    static void bind(Path from, Path to) throws CallException {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, "mount", MOUNT, cString(arena, from.toString()), cString(arena, to.toString()), 0, MS_BIND);
        }
    }

    /**
     * Mounts a file system that has no device.
     *
     * @param options of the file system
     */
    static void mount(String type, Path to, String options) throws CallException {
        try (Arena arena = Arena.ofConfined()) {
            long name = cString(arena, type);
            call(arena, "mount", MOUNT, name, cString(arena, to.toString()), name, 0, cString(arena, options));
        }
    }

    /** Makes a mount shared, so that later mounts in it propagate. */
    static void share(Path mount) throws CallException {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, "mount", MOUNT, 0, cString(arena, mount.toString()), 0, MS_SHARED);
        }
    }

    /**
     * Unmounts the topmost mount, without following a link at the end of the path; false if nothing
     * is mounted there.
     *
     * @param busy whether to unmount it even if it is in use
     */
    static boolean unmount(Path path, boolean busy) throws CallException {
        try (Arena arena = Arena.ofConfined()) {
            long flags = UMOUNT_NOFOLLOW | (busy ? MNT_DETACH : 0);
            call(arena, "umount2", UMOUNT, cString(arena, path.toString()), flags, 0, 0);
            return true;
        } catch (CallException e) {
            if (e.errno() == EINVAL || e.errno() == ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** Queries the file system that a path is on, following symbolic links. */
    static FileSystemSize fileSystemSize(Path path) throws CallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(ValueLayout.JAVA_LONG, STATVFS_WORDS);
            call(arena, "statvfs", STATVFS, cString(arena, path.toString()), words.address(), 0, 0);
            long block = words.getAtIndex(ValueLayout.JAVA_LONG, STATVFS_BLOCK_SIZE);
            return new FileSystemSize(
                    block * words.getAtIndex(ValueLayout.JAVA_LONG, STATVFS_BLOCKS),
                    block * words.getAtIndex(ValueLayout.JAVA_LONG, STATVFS_AVAILABLE_BLOCKS),
                    words.getAtIndex(ValueLayout.JAVA_LONG, STATVFS_FILES),
                    words.getAtIndex(ValueLayout.JAVA_LONG, STATVFS_FREE_FILES));
        }
    }

    static void close(int opened) {
        try (Arena arena = Arena.ofConfined()) {
            long _ = invoke(CLOSE, arena.allocate(STATE), opened, 0, 0, 0);
        }
    }
}
