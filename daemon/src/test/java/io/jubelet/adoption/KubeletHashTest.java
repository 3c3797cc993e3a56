/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.adoption;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class KubeletHashTest {

    /** Seen on a container that kubelet 1.36.3 made. */
    @Test
    void isTheHashOfTheKubelet() {
        assertEquals("6ea953f9", KubeletHash.of("app", "docker.io/library/busybox:1"));
    }
}
