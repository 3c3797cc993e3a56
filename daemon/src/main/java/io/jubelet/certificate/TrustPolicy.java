package io.jubelet.certificate;

import java.security.cert.X509Certificate;
import java.util.List;

/** Which servers are believed to be who they say. */
public sealed interface TrustPolicy {

    /** Those with a certificate of one of these authorities. */
    record Authorities(List<X509Certificate> certificates) implements TrustPolicy {
        public Authorities {
            certificates = List.copyOf(certificates);
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException("nobody to trust");
            }
        }
    }

    /** Those whom the system trusts: the files where Go looks, else what Java brings. */
    record SystemRoots() implements TrustPolicy {}

    /** Whoever answers. */
    record Insecure() implements TrustPolicy {}
}
