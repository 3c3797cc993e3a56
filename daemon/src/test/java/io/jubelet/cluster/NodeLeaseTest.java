/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the lease of the node shows its time. */
class NodeLeaseTest {

    /** One moment in a thousand has three zeros at the end, which an Instant leaves out. */
    @ParameterizedTest
    @CsvSource({
        "2026-11-30T08:05:37.410Z, 2026-11-30T08:05:37.410000Z",
        "2026-11-30T08:05:37Z, 2026-11-30T08:05:37.000000Z",
        "2026-11-30T08:05:37.123456789Z, 2026-11-30T08:05:37.123456Z",
    })
    void aTimeHasSixDecimals(Instant moment, String expected) {
        assertEquals(expected, NodeLease.microTime(moment));
    }
}
