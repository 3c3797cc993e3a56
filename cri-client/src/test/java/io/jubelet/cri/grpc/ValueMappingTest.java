/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Values of the wire that no time is. */
class ValueMappingTest {

    /** containerd lists a sandbox that it did not finish with Go's zero time, in nanoseconds. */
    private static final long GO_ZERO_TIME = -6795364578871345152L;

    @Test
    void aTimeThatTheRuntimeDoesNotKnowIsNotTheYear1970() {
        assertNull(ValueMapping.instant(GO_ZERO_TIME));
        assertNull(ValueMapping.instant(0));
        assertEquals(Instant.parse("2023-11-14T22:13:20Z"), ValueMapping.instant(1_700_000_000_000_000_000L));
    }
}
