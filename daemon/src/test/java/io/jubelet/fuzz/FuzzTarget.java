/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.fuzz;

import java.io.IOException;
import java.util.List;

/**
 * Code that reads input from outside, and what must hold for every input. An implementation has a
 * constructor without parameters. For one thread.
 */
public interface FuzzTarget extends AutoCloseable {

    /**
     * Runs the code on an input. Throws what the code must not throw, and an {@link AssertionError}
     * when something does not hold.
     */
    void run(byte[] input) throws Exception;

    /** Valid inputs, which mutation starts from. */
    List<byte[]> seeds() throws Exception;

    @Override
    default void close() throws IOException {}
}
