/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.io.IOException;

/**
 * The size of what a process is started with: its environment variables, command and arguments. Keeps it within the limits of
 * Linux, so that a manifest of some lines cannot expand to more than the memory of the daemon. Not thread-safe.
 */
public final class ProcessSize {

    /**
     * The size in bytes of the longest string, with the zero byte behind it. A variable is one string, {@code NAME=value}. Source:
     * {@code MAX_ARG_STRLEN} in {@code execve(2)}, which is 32 pages of 4 KiB.
     */
    public static final int MAX_STRING = 128 << 10;

    /**
     * The size in bytes of all strings. Source: {@code execve(2)}, which allows a quarter of the limit of the stack; that is 8 MiB
     * unless an administrator has changed it.
     */
    public static final int MAX_TOTAL = 2 << 20;

    /** The size in bytes from which the start of a process takes memory that counts. */
    public static final int LARGE = 64 << 10;

    /** A process with more than {@link #LARGE} bytes, where only smaller ones were asked for. */
    public static final class Large extends IOException {
        Large() {
            super("the process has more than " + LARGE + " bytes");
        }
    }

    private final boolean large;
    private long total;

    /** @param large whether it can have more than {@link #LARGE} bytes */
    public ProcessSize(boolean large) {
        this.large = large;
    }

    /** Adds a variable. */
    void addVariable(String name, String value) throws IOException {
        long bytes = bytes(name) + 1 + bytes(value) + 1;
        if (bytes > MAX_STRING) {
            throw tooLong("the environment variable " + abbreviated(name));
        }
        addBytes(bytes);
    }

    /**
     * Adds a string of a command.
     *
     * @param what the subject of a message about it, such as {@code args[2]}
     */
    void addString(String what, String text) throws IOException {
        long bytes = bytes(text) + 1;
        if (bytes > MAX_STRING) {
            throw tooLong(what);
        }
        addBytes(bytes);
    }

    private void addBytes(long bytes) throws IOException {
        total += bytes;
        if (total > MAX_TOTAL) {
            throw new IOException("the environment, command and arguments of the container have more than " + MAX_TOTAL
                    + " bytes (2 MiB) in all, and Linux starts no such process; put large values into a volume");
        }
        if (total > LARGE && !large) {
            throw new Large();
        }
    }

    static IOException tooLong(String what) {
        return new IOException(
                what + " has more than " + (MAX_STRING - 1) + " bytes when its references are expanded, and Linux"
                        + " starts no process with a longer string (MAX_ARG_STRLEN, 128 KiB); put large values into a volume");
    }

    private static String abbreviated(String name) {
        return name.length() <= 80 ? name : name.substring(0, 77) + "...";
    }

    /** The number of bytes in UTF-8. */
    private static long bytes(String text) {
        long bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                bytes += c >= 0x800 && !Character.isSurrogate(c) ? 2 : 1;
            }
        }
        return bytes;
    }
}
