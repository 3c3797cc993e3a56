package io.jubelet.certificate;

import java.security.cert.X509Certificate;
import java.util.List;

/** Which servers are believed to be who they say. */
public sealed interface Trust {

    /** Those with a certificate of one of these authorities. */
    record Authorities(List<X509Certificate> certificates) implements Trust {
        public Authorities {
            certificates = List.copyOf(certificates);
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException("nobody to trust");
            }
        }
    }

    /** Those whom the system trusts: the files where Go looks, else what Java brings. */
    record System() implements Trust {}

    /** Whoever answers. */
    record Anybody() implements Trust {}
}
