package io.jubelet.kubeapi;

import io.jubelet.certificate.KeyAndCertificates;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What a plugin gave to show the API server; a token, a certificate or both.
 *
 * @param expires when it must not be shown any more; empty for never
 */
record ExecCredential(Optional<String> token, Optional<KeyAndCertificates> certificate, Optional<Instant> expires) {

    ExecCredential {
        Objects.requireNonNull(token, "token");
        Objects.requireNonNull(certificate, "certificate");
        Objects.requireNonNull(expires, "expires");
    }

    boolean expired(Instant now) {
        return expires.isPresent() && !now.isBefore(expires.get());
    }

    /** Tells nothing of the token. */
    @Override
    public String toString() {
        return (token.isPresent() ? "a token" : "no token") + " and " + certificate + " until " + expires;
    }
}
