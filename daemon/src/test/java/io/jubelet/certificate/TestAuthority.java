/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs certificates for tests. */
public final class TestAuthority {

    private static long serial = System.nanoTime();

    private final String name;
    private final KeyPair keys;
    private final X509Certificate certificate;

    /** @param name such as {@code CN=an authority} */
    public TestAuthority(String name) {
        this.name = name;
        this.keys = PrivateKeys.generate();
        Instant now = Instant.now();
        this.certificate = sign(
                name, keys.getPublic(), now.minus(Duration.ofDays(2)), now.plus(Duration.ofDays(365)), true, List.of());
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public String pem() {
        return Certificates.pem(List.of(certificate));
    }

    public String keyPem() {
        return PrivateKeys.pem(keys.getPrivate());
    }

    /** A new key with a certificate. */
    public KeyAndCertificates issue(String subject, Instant from, Instant to, String... dnsNames) {
        KeyPair pair = PrivateKeys.generate();
        return new KeyAndCertificates(
                pair.getPrivate(), List.of(sign(subject, pair.getPublic(), from, to, false, List.of(dnsNames))));
    }

    /** A certificate for a key. */
    public X509Certificate sign(
            String subject, PublicKey key, Instant from, Instant to, boolean authority, List<String> dnsNames) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Name(name),
                    BigInteger.valueOf(serial++),
                    Date.from(from),
                    Date.from(to),
                    new X500Name(subject),
                    key);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!dnsNames.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(dnsNames.stream()
                                .map(dns -> new GeneralName(
                                        dns.matches("[0-9.]+|.*:.*") ? GeneralName.iPAddress : GeneralName.dNSName,
                                        dns))
                                .toArray(GeneralName[]::new)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
