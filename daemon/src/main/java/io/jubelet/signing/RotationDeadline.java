package io.jubelet.signing;

import io.jubelet.certificate.KeyAndCertificates;
import java.time.Duration;
import java.time.Instant;

/** When a certificate is renewed. Pure. */
final class RotationDeadline {

    private static final int FIRST_PERCENT = 70;
    private static final int SPAN_PERCENT = 20;

    private RotationDeadline() {}

    /**
     * As the kubelet: after seven to nine tenths of its life, so that the nodes of a cluster do not come all at once. Follows
     * from the certificate, so that a restart changes nothing.
     */
    static Instant of(KeyAndCertificates certificate) {
        Duration life = Duration.between(certificate.notBefore(), certificate.notAfter());
        int share = Math.floorMod(certificate.certificate().getSerialNumber().hashCode(), SPAN_PERCENT * 10);
        return certificate
                .notBefore()
                .plus(life.multipliedBy(FIRST_PERCENT * 10L + share).dividedBy(1000));
    }
}
