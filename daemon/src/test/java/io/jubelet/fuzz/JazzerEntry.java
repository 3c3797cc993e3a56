/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.fuzz;

/** Where Jazzer enters: its one argument is the class of the target. */
public final class JazzerEntry {

    private static FuzzTarget target;

    private JazzerEntry() {}

    /** Called by Jazzer once. */
    public static void fuzzerInitialize(String[] arguments) throws ReflectiveOperationException {
        target = Targets.create(arguments[0]);
        Runtime.getRuntime().addShutdownHook(new Thread(JazzerEntry::close, "close"));
    }

    /** Removes the directory of a target that has one. */
    private static void close() {
        try {
            target.close();
        } catch (Exception e) {
            throw new IllegalStateException("the target cannot be closed", e);
        }
    }

    /** Called by Jazzer for each input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        target.run(input);
    }
}
