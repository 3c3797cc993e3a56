/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The subject and the alternative names of a certificate. Immutable.
 *
 * @param organization O, which Kubernetes reads as the group; empty if there is none
 * @param commonName CN, which Kubernetes reads as the user
 * @param dnsNames the DNS names of a server
 * @param ips the IP addresses of a server, as literals
 */
public record CertificateSubject(
        Optional<String> organization, String commonName, List<String> dnsNames, List<String> ips) {

    public CertificateSubject {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(commonName, "commonName");
        dnsNames = dnsNames.stream().distinct().sorted().toList();
        ips = ips.stream().distinct().sorted().toList();
    }

    /** Returns the subject of a node as a client of its API server. */
    public static CertificateSubject ofNode(String node) {
        return new CertificateSubject(Optional.of("system:nodes"), "system:node:" + node, List.of(), List.of());
    }

    /** Returns this subject with alternative names. */
    public CertificateSubject serving(List<String> names, List<String> addresses) {
        return new CertificateSubject(organization, commonName, names, addresses);
    }
}
