/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.security.cert.X509Certificate;
import java.util.List;

/** Which servers a client trusts. */
public sealed interface TrustPolicy {

    /** Servers whose certificate one of these authorities signed. */
    record Authorities(List<X509Certificate> certificates) implements TrustPolicy {
        public Authorities {
            certificates = List.copyOf(certificates);
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException("no authorities");
            }
        }
    }

    /** Servers that the system trusts: by the files where Go looks, or else by the JDK's. */
    record SystemRoots() implements TrustPolicy {}

    /** All servers. */
    record Insecure() implements TrustPolicy {}
}
