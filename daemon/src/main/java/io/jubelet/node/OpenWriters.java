/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import io.jubelet.concurrent.Threads;
import java.nio.file.Path;

/**
 * Queries the kernel whether a process has a file open for writing.
 *
 * <p>Linux grants a read lease only on a file that no process has open for writing. This class
 * takes one and releases it at once; a writer that opens the file in between waits for some
 * microseconds. Linux only; safe for use by many threads.
 */
public final class OpenWriters {

    /** The answer of the kernel. */
    public enum Answer {
        /** No process has it open for writing. */
        NONE,
        /** A process has it open for writing. */
        SOME,
        /** The file system or the permissions of this process do not allow a lease. */
        UNKNOWN
    }

    private final boolean leases;

    public OpenWriters() {
        this(true);
    }

    /** @param leases false to always answer {@code UNKNOWN}, as on a file system without leases */
    public OpenWriters(boolean leases) {
        this.leases = leases;
    }

    /**
     * Starts to link the system calls on a thread of its own, because nothing else takes as long
     * before the first manifest is read.
     */
    public static void prepare() {
        OpenWriters any = new OpenWriters();
        Threads.startVirtual("file-calls", () -> any.query(Path.of("/")));
    }

    /**
     * Queries a regular file. The caller has checked that it is one, because others must not be
     * opened. The first query may wait for the linking.
     */
    public Answer query(Path file) {
        if (!leases) {
            return Answer.UNKNOWN;
        }
        try {
            LinuxFileCalls.leaseForReading(file);
            return Answer.NONE;
        } catch (LinuxFileCalls.CallException e) {
            return e.errno() == LinuxFileCalls.EAGAIN ? Answer.SOME : Answer.UNKNOWN;
        }
    }
}
