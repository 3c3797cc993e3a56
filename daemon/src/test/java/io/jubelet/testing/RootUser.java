/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** For tests that only root can run. */
public final class RootUser {

    private RootUser() {}

    /** Skips the test unless root runs it; fails if the build forbids to skip tests. */
    public static void require(String action) throws IOException {
        boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        if (!root && Boolean.getBoolean("jubelet.test.no-skip")) {
            fail(action + " needs root");
        }
        assumeTrue(root, action + " needs root");
    }
}
