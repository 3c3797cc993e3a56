/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.fuzz;

import java.nio.charset.StandardCharsets;

/** What messages must not contain, whatever the input contains. */
public final class Messages {

    /** A value of the seeds that no message may quote, because it stands for the value of a Secret. */
    public static final String SECRET = "pl4nted-s3cret";

    private Messages() {}

    /** Checks that a message has no control or format characters, because it goes to a log and a terminal. */
    public static void requirePrintable(String message) {
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            int type = Character.getType(c);
            if (type == Character.CONTROL || type == Character.FORMAT || type == Character.LINE_SEPARATOR) {
                throw new AssertionError("the control character " + (int) c + " at " + i + " of: " + message);
            }
        }
    }

    /** Checks that a message does not contain {@link #SECRET}, or so much of it that it is known. */
    public static void requireNoSecret(String message) {
        if (message.contains(SECRET)) {
            throw new AssertionError("a secret value in: " + message);
        }
    }

    /** Whether the input contains {@link #SECRET}. */
    public static boolean hasSecret(byte[] input) {
        return new String(input, StandardCharsets.ISO_8859_1).contains(SECRET);
    }
}
