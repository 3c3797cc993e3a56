package io.jubelet.certificate;

import java.util.List;
import java.util.Objects;

/**
 * Of whom a certificate is to speak.
 *
 * @param organization O; empty for none. Kubernetes reads it as the group
 * @param commonName CN. Kubernetes reads it as the user
 * @param dnsNames by which a server is called
 * @param ips by which a server is called, as literals
 */
public record CertificateSubject(String organization, String commonName, List<String> dnsNames, List<String> ips) {

    public CertificateSubject {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(commonName, "commonName");
        dnsNames = dnsNames.stream().distinct().sorted().toList();
        ips = ips.stream().distinct().sorted().toList();
    }

    /** A node as a client of its API server. */
    public static CertificateSubject ofNode(String node) {
        return new CertificateSubject("system:nodes", "system:node:" + node, List.of(), List.of());
    }

    /** A node as a server under these names. */
    public CertificateSubject serving(List<String> names, List<String> addresses) {
        return new CertificateSubject(organization, commonName, names, addresses);
    }
}
