/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.signing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.CertificateSubject;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PrivateKeys;
import io.jubelet.certificate.TestAuthority;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RotationDeadlineTest {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private final TestAuthority authority = new TestAuthority("CN=authority");

    @Test
    void comesAfterSevenToNineTenthsOfALifeAndNotForAllAtOnce() {
        Set<Instant> due = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            KeyAndCertificates certificate = authority.issue("CN=n", NOW, NOW.plus(Duration.ofHours(10)));
            Instant renewal = RotationDeadline.of(certificate);
            assertFalse(renewal.isBefore(NOW.plus(Duration.ofHours(7))), renewal::toString);
            assertTrue(renewal.isBefore(NOW.plus(Duration.ofHours(9))), renewal::toString);
            assertEquals(renewal, RotationDeadline.of(certificate), "a restart changes nothing");
            due.add(renewal);
        }
        assertTrue(due.size() > 10, due::toString);
    }

    @Test
    void theNameOfARequestFollowsFromWhatIsAskedForAndWithWhichKey() {
        KeyPair key = PrivateKeys.generate();
        CertificateRequest client = CertificateRequest.client("edge7");
        assertTrue(client.name(key.getPublic()).matches("node-csr-[A-Za-z0-9_-]{43}"), client.name(key.getPublic()));
        assertEquals(
                client.name(key.getPublic()), CertificateRequest.client("edge7").name(key.getPublic()));
        assertNotEquals(
                client.name(key.getPublic()), client.name(PrivateKeys.generate().getPublic()));
        assertNotEquals(
                client.name(key.getPublic()), CertificateRequest.client("edge8").name(key.getPublic()));
        CertificateSubject subject = CertificateSubject.ofNode("edge7");
        assertNotEquals(
                CertificateRequest.serving(subject.serving(List.of(), List.of("192.0.2.1")))
                        .name(key.getPublic()),
                CertificateRequest.serving(subject.serving(List.of(), List.of("192.0.2.2")))
                        .name(key.getPublic()));
    }
}
