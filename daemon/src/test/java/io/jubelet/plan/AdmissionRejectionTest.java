/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AdmissionRejectionTest {

    @Test
    void onlyUndecidedIsNoDecision() {
        assertFalse(AdmissionRejection.UNDECIDED.decided());
        assertTrue(new AdmissionRejection("NodePorts", "80/TCP is taken").decided());
    }

    @Test
    void theNetworkIsTheReasonByItsName() {
        assertTrue(new AdmissionRejection(KubeletReasons.NETWORK_NOT_READY, "no CNI configuration").isNetwork());
        assertFalse(AdmissionRejection.UNDECIDED.isNetwork());
    }

    @Test
    void aFailedActionTellsItsReason() {
        ActionFailedException failure = new ActionFailedException("CreateContainerError", "no such mount", null);
        assertEquals("CreateContainerError", failure.reason());
        assertEquals("no such mount", failure.getMessage());
    }
}
