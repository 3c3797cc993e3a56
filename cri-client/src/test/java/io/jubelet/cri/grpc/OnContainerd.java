/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Connects to the private containerd that a test needs. */
final class OnContainerd {
    static final String V1 = "jubelet.test.containerd";
    static final String V2 = "jubelet.test.containerd2";

    private OnContainerd() {}

    /**
     * Connects to the containerd whose socket a system property contains; skips the test if it is
     * not set.
     */
    static CriConnection connect(String property) {
        String socket = System.getProperty(property, "");
        if (socket.isEmpty()) {
            String advice = "start one with tools/containerd.sh, import tools/images.sh into it, and pass -D" + property
                    + "=SOCKET";
            if (Boolean.getBoolean("jubelet.test.no-skip")) {
                fail("no containerd: " + advice);
            }
            assumeTrue(false, "no containerd: " + advice);
        }
        return CriConnection.open(socket);
    }
}
