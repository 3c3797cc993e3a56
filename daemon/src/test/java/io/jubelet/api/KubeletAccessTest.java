/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.TestAuthority;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who gets what on the kubelet's port, with the real TLS and authorizer in front of handlers that note what reached them. The
 * rights are those of an API server in this test.
 */
class KubeletAccessTest extends ServedKubeletPort {

    @Test
    void callersWithoutIdentityGetNothing() throws Exception {
        rights = Set.of("get proxy", "create proxy");
        assertRefused(401, Optional.empty(), everything());
        assertRefused(401, Optional.empty(), everything(), "Authorization: Bearer unknown");
        assertRefused(401, Optional.empty(), ACTIONS, "Authorization: Basic cm9vdDpyb290");
    }

    @Test
    void certificatesOfAnotherAuthorityDoNotGetThroughTheHandshake() {
        rights = Set.of("get proxy", "create proxy");
        KeyAndCertificates stranger =
                new TestAuthority("CN=authority").issue("O=system:masters, CN=caller", NOW, TOMORROW);
        for (String target : everything()) {
            assertThrows(IOException.class, () -> code("GET", target, Optional.of(stranger)), target);
        }
        KeyAndCertificates expired = AUTHORITY.issue("CN=caller", NOW.minus(Duration.ofDays(2)), NOW);
        assertThrows(IOException.class, () -> code("GET", "/pods", Optional.of(expired)));
        assertEquals(List.of(), reached);
    }

    @Test
    void identityWithoutRightsGetsNothing() throws Exception {
        assertRefused(403, Optional.of(CALLER), everything());
        tokenReview = TOKEN_OF_SOMEONE;
        assertRefused(403, Optional.empty(), everything(), "Authorization: Bearer known");
    }

    /** With the kubelet, this right is enough to run commands. */
    @Test
    void theRightToGetDoesNotAct() throws Exception {
        rights = Set.copyOf(ALL_SUBRESOURCES.stream().map("get "::concat).toList());
        assertRefused(403, Optional.of(CALLER), ACTIONS);
        for (String target : READS.keySet()) {
            assertEquals(403, code("POST", target, Optional.of(CALLER)), target);
        }
        assertEquals(List.of(), reached);
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy", "pods", "healthz", "configz", "metrics", "stats", "log", "checkpoint"})
    void eachRightToGetOpensItsPathsAlone(String subresource) throws Exception {
        rights = Set.of("get " + subresource);
        for (Map.Entry<String, Set<String>> read : READS.entrySet()) {
            for (String method : List.of("GET", "HEAD")) {
                int code = code(method, read.getKey(), Optional.of(CALLER));
                assertEquals(
                        read.getValue().contains(subresource), code == 200 || code == 404, () -> read + ": " + code);
                assertTrue(code == 200 || code == 404 || code == 403, () -> read + ": " + code);
            }
        }
        reached.clear();
        assertRefused(403, Optional.of(CALLER), ACTIONS);
    }

    @Test
    void theRightToCreateActsAndDoesNotRead() throws Exception {
        rights = Set.of("create proxy");
        for (String target : ACTIONS) {
            for (String method : List.of("GET", "POST", "HEAD")) {
                assertEquals(200, code(method, target, Optional.of(CALLER)), target);
            }
        }
        assertEquals(3 * ACTIONS.size(), reached.size());
        for (String target : READS.keySet()) {
            assertEquals(403, code("GET", target, Optional.of(CALLER)), target);
        }
    }
}
