/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.List;

/** Where the real containerd for tests is, or why there is none. */
final class RuntimeUnderTest {

    private RuntimeUnderTest() {}

    /** The socket of a private containerd; without one the test is skipped, or fails where skipping is forbidden. */
    static Path containerd() {
        String socket = System.getProperty("jubelet.test.containerd", "");
        if (!socket.isEmpty()) {
            return Path.of(socket);
        }
        String reason = "no containerd: run make test as root, which starts a private one";
        if (Boolean.getBoolean("jubelet.test.no-skip")) {
            return fail(reason);
        }
        return abort(reason);
    }

    /** The sockets of all that there are, the newer one behind: what one of them cannot do, another can. */
    static List<Path> all() {
        String newer = System.getProperty("jubelet.test.containerd2", "");
        return newer.isEmpty() ? List.of(containerd()) : List.of(containerd(), Path.of(newer));
    }
}
