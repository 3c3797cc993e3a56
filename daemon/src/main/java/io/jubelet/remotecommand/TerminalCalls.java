/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The calls of the C library for terminals, which the JDK lacks. The first caller waits until they are linked. No call blocks,
 * except that {@link #set} waits until what was written is shown.
 *
 * <p>All are called with the same three machine words, which the calling conventions of Linux allow, so one signature is
 * linked.
 */
final class TerminalCalls {

    /** The size of a terminal, in characters. */
    record Size(int columns, int rows) {}

    /** More than {@code struct termios} has in any C library of Linux, which is 60 bytes. */
    private static final int TERMIOS_BYTES = 256;
    /** {@code TCSADRAIN}: the change happens after the output that was written before. */
    private static final long AFTER_OUTPUT = 1;
    /** {@code TIOCGWINSZ} of x86, Arm, RISC-V and s390. */
    private static final long GET_SIZE = 0x5413;

    private static final MethodHandle TCGETATTR = function("tcgetattr");
    private static final MethodHandle TCSETATTR = function("tcsetattr");
    private static final MethodHandle CFMAKERAW = function("cfmakeraw");
    private static final MethodHandle IOCTL = function("ioctl");

    private TerminalCalls() {}

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name) {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor words = FunctionDescriptor.of(
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), words);
    }

    /** The attributes of a terminal; empty if the descriptor is no terminal. */
    static Optional<byte[]> attributes(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(TERMIOS_BYTES);
            return call(TCGETATTR, descriptor, attributes.address(), 0) < 0
                    ? Optional.empty()
                    : Optional.of(attributes.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** These attributes, changed so that every key goes to the reader as it is, and output to the screen. */
    static byte[] raw(byte[] attributes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment raw = arena.allocateFrom(ValueLayout.JAVA_BYTE, attributes);
            // The function returns nothing, and what is read as its result is not used.
            int _ = call(CFMAKERAW, raw.address(), 0, 0);
            return raw.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Changes a terminal; does nothing if it is gone. */
    static void set(int descriptor, byte[] attributes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment wanted = arena.allocateFrom(ValueLayout.JAVA_BYTE, attributes);
            int _ = call(TCSETATTR, descriptor, AFTER_OUTPUT, wanted.address());
        }
    }

    /** The size of a terminal; empty if the descriptor is no terminal, or its size is unknown. */
    static Optional<Size> size(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(ValueLayout.JAVA_SHORT, 4);
            if (call(IOCTL, descriptor, GET_SIZE, size.address()) < 0) {
                return Optional.empty();
            }
            int rows = Short.toUnsignedInt(size.getAtIndex(ValueLayout.JAVA_SHORT, 0));
            int columns = Short.toUnsignedInt(size.getAtIndex(ValueLayout.JAVA_SHORT, 1));
            return rows == 0 || columns == 0 ? Optional.empty() : Optional.of(new Size(columns, rows));
        }
    }

    private static int call(MethodHandle function, long a, long b, long c) {
        try {
            // A function that returns an int leaves the upper half of the word undefined.
            return (int) (long) function.invokeExact(a, b, c);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable failure) {
            throw new IllegalStateException("a call of the C library threw", failure);
        }
    }
}
