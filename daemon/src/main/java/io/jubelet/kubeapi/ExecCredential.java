/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.certificate.KeyAndCertificates;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The credential that an exec credential plugin returned: a token, a certificate or both.
 * Immutable.
 *
 * @param expires when it stops being valid; empty for never
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

    /** Omits the token. */
    @Override
    public String toString() {
        return (token.isPresent() ? "a token" : "no token") + " and " + certificate + " until " + expires;
    }
}
