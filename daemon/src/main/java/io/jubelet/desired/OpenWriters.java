package io.jubelet.desired;

import io.jubelet.concurrent.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * Asks the kernel whether somebody has a file open for writing.
 *
 * <p>Linux grants a read lease only on a file that nobody has open for writing. We take one and give it back at once; in
 * between, a writer's open waits for us for some microseconds. The signal that tells of a broken lease is changed to
 * SIGURG first, which is ignored: the default would end the process. Linux only; any thread may ask.
 *
 * <p>All functions are called with the same three machine words, which the calling conventions of Linux allow: each
 * further signature, and the JDK's own way to keep errno, would cost milliseconds and memory. Errno may therefore be
 * another call's; that only makes the answer less precise for one moment.
 */
final class OpenWriters {

    /** What the kernel said. */
    enum Answer {
        /** Nobody has it open for writing. */
        NONE,
        /** Somebody has it open for writing. */
        SOME,
        /** The file system or our rights do not let us know. */
        UNKNOWN
    }

    private static final long O_RDONLY_NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    private static final long F_SETSIG = 10;
    private static final long F_SETLEASE = 1024;
    private static final long F_RDLCK = 0;
    private static final long F_UNLCK = 2;
    private static final long SIGURG = 23;
    private static final byte EAGAIN = 11;

    /** Linked while the daemon does other things: it takes as long as all that comes before the first manifest. */
    private final CompletableFuture<Functions> functions;

    OpenWriters() {
        this(true);
    }

    /** @param leases false never knows, as on a file system without leases */
    OpenWriters(boolean leases) {
        functions = leases
                ? CompletableFuture.supplyAsync(Functions::link, work -> Threads.startVirtual("file-leases", work))
                : null;
    }

    private record Functions(MethodHandle open, MethodHandle fcntl, MethodHandle close, MethodHandle errnoLocation) {

        static Functions link() {
            Functions linked =
                    new Functions(function("open"), function("fcntl"), function("close"), function("__errno_location"));
            linked.ask("/"); // what the first call loads is loaded now
            return linked;
        }

        @SuppressWarnings("restricted")
        private static MethodHandle function(String name) {
            SymbolLookup libc = Linker.nativeLinker().defaultLookup();
            FunctionDescriptor words = FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
            return Linker.nativeLinker().downcallHandle(libc.findOrThrow(name), words);
        }

        Answer ask(String file) {
            try (Arena arena = Arena.ofConfined()) {
                long path = arena.allocateFrom(file).address();
                int fd = (int) (long) open.invokeExact(path, O_RDONLY_NONBLOCK_CLOEXEC, 0L);
                if (fd < 0) {
                    return Answer.UNKNOWN;
                }
                try {
                    return lease(fd);
                } finally {
                    long _ = (long) close.invokeExact((long) fd, 0L, 0L);
                }
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("a call of the C library threw", e);
            }
        }

        private Answer lease(long fd) throws Throwable {
            if ((int) (long) fcntl.invokeExact(fd, F_SETSIG, SIGURG) < 0) {
                return Answer.UNKNOWN;
            }
            if ((int) (long) fcntl.invokeExact(fd, F_SETLEASE, F_RDLCK) < 0) {
                return errno() == EAGAIN ? Answer.SOME : Answer.UNKNOWN;
            }
            long _ = (long) fcntl.invokeExact(fd, F_SETLEASE, F_UNLCK);
            return Answer.NONE;
        }

        @SuppressWarnings("restricted")
        private byte errno() throws Throwable {
            long address = (long) errnoLocation.invokeExact(0L, 0L, 0L);
            return MemorySegment.ofAddress(address).reinterpret(1).toArray(ValueLayout.JAVA_BYTE)[0];
        }
    }

    /** Asks about a regular file; others must not be opened, so the caller has looked. The first question may wait for the linking. */
    Answer ask(Path file) {
        return functions == null ? Answer.UNKNOWN : functions.join().ask(file.toString());
    }
}
