/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.signing;

import io.jubelet.certificate.KeyAndCertificates;
import java.time.Duration;
import java.time.Instant;

/** Calculates when a certificate is rotated. Pure. */
final class RotationDeadline {

    private static final int FIRST_PERCENT = 70;
    private static final int SPAN_PERCENT = 20;

    private RotationDeadline() {}

    /**
     * Returns a time between 70 % and 90 % of the lifetime, as the kubelet does, so that the nodes
     * of a cluster do not rotate all at once. The time follows from the serial number, so that a
     * restart does not change it.
     */
    static Instant of(KeyAndCertificates certificate) {
        Duration life = Duration.between(certificate.notBefore(), certificate.notAfter());
        int share = Math.floorMod(certificate.certificate().getSerialNumber().hashCode(), SPAN_PERCENT * 10);
        return certificate
                .notBefore()
                .plus(life.multipliedBy(FIRST_PERCENT * 10L + share).dividedBy(1000));
    }
}
