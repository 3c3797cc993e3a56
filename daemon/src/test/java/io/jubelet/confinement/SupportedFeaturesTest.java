/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.confinement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StatusResponse;
import io.jubelet.cri.StatusResponse.RuntimeFeatures;
import io.jubelet.cri.StatusResponse.RuntimeHandler;
import io.jubelet.cri.StatusResponse.RuntimeHandlerFeatures;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SupportedFeaturesTest {

    private StatusResponse answer = new StatusResponse(
            null,
            Map.of(),
            List.of(
                    new RuntimeHandler("", new RuntimeHandlerFeatures(false, true)),
                    new RuntimeHandler("kata", new RuntimeHandlerFeatures(false, false))),
            new RuntimeFeatures(true, false));

    private int calls;
    private Object incarnation = "first";

    private final SupportedFeatures features = new SupportedFeatures(runtime(), () -> incarnation);

    private RuntimeService runtime() {
        return (RuntimeService) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {RuntimeService.class}, (_, method, _) -> {
                    assertEquals("status", method.getName());
                    calls++;
                    return answer;
                });
    }

    @Test
    void queriesTheRuntimeWhenNeededAndOnceAfterEachRestart() {
        assertEquals(0, calls);
        assertTrue(features.strictGroups() && features.userNamespaces(""));
        assertFalse(features.userNamespaces("kata") || features.userNamespaces("other"));
        assertTrue(features.lacks("other") && !features.lacks("kata"));
        assertEquals(1, calls);
        answer = new StatusResponse(null, Map.of(), List.of(), null);
        assertTrue(features.strictGroups());
        incarnation = "second";
        assertFalse(features.strictGroups());
        assertEquals(2, calls);
    }

    @Test
    void anOldRuntimeWithoutAReportHasNoFeaturesAndAnyHandler() {
        answer = new StatusResponse(null, Map.of(), List.of(), null);
        assertFalse(features.strictGroups() || features.userNamespaces("") || features.lacks("kata"));
    }
}
