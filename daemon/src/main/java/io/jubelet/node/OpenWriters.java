package io.jubelet.node;

import io.jubelet.concurrent.Threads;
import java.nio.file.Path;

/**
 * Asks the kernel whether somebody has a file open for writing.
 *
 * <p>Linux grants a read lease only on a file that nobody has open for writing. We take one and give it back at once; in
 * between, a writer's open waits for us for some microseconds. Linux only; any thread may ask.
 */
public final class OpenWriters {

    /** What the kernel said. */
    public enum Answer {
        /** Nobody has it open for writing. */
        NONE,
        /** Somebody has it open for writing. */
        SOME,
        /** The file system or our rights do not let us know. */
        UNKNOWN
    }

    private final boolean leases;

    public OpenWriters() {
        this(true);
    }

    /** @param leases false never knows, as on a file system without leases */
    public OpenWriters(boolean leases) {
        this.leases = leases;
    }

    /** Begins to link what is called, on a thread of its own: nothing else on the way to the first manifest takes as long. */
    public static void prepare() {
        OpenWriters any = new OpenWriters();
        Threads.startVirtual("file-calls", () -> any.query(Path.of("/")));
    }

    /** Asks about a regular file; others must not be opened, so the caller has looked. The first question may wait for the linking. */
    public Answer query(Path file) {
        if (!leases) {
            return Answer.UNKNOWN;
        }
        try {
            LinuxFileCalls.leaseForReading(file);
            return Answer.NONE;
        } catch (LinuxFileCalls.Refused e) {
            return e.errno() == LinuxFileCalls.EAGAIN ? Answer.SOME : Answer.UNKNOWN;
        }
    }
}
