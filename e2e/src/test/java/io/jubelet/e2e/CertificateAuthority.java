/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The certificate authority of a test cluster. It signs for any subject and any period, past ones included. */
public final class CertificateAuthority {

    /** A certificate and its key. */
    public record Issued(X509Certificate certificate, PrivateKey key) {

        public String certificatePem() {
            try {
                return pem("CERTIFICATE", certificate.getEncoded());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("it was just made", e);
            }
        }

        /** In PKCS#8. */
        String keyPem() {
            return pem("PRIVATE KEY", key.getEncoded());
        }
    }

    private static final Duration LONG = Duration.ofDays(30);

    private final Issued own;

    /** Makes one with a new key. */
    public CertificateAuthority(String name) {
        X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, name).build();
        KeyPair keys = newKeys();
        Instant now = Instant.now();
        X509v3CertificateBuilder builder = unsigned(subject, subject, keys, now.minus(LONG), now.plus(LONG));
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature));
        } catch (CertIOException e) {
            throw new IllegalStateException(e);
        }
        own = new Issued(signed(builder, keys.getPrivate()), keys.getPrivate());
    }

    /** Its own certificate and key. */
    public Issued own() {
        return own;
    }

    /** For a server on the loopback of this machine. */
    Issued server(String commonName) {
        GeneralNames names = new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.iPAddress, "127.0.0.1"), new GeneralName(GeneralName.dNSName, "localhost")
        });
        Instant now = Instant.now();
        return issue(
                new X500NameBuilder().addRDN(BCStyle.CN, commonName).build(),
                KeyPurposeId.id_kp_serverAuth,
                names,
                now.minus(LONG),
                now.plus(LONG));
    }

    /** For a client which the API server then knows as this user in these groups. */
    public Issued client(String user, List<String> groups, Instant notBefore, Instant notAfter) {
        X500NameBuilder subject = new X500NameBuilder();
        groups.forEach(group -> subject.addRDN(BCStyle.O, group));
        return issue(
                subject.addRDN(BCStyle.CN, user).build(), KeyPurposeId.id_kp_clientAuth, null, notBefore, notAfter);
    }

    /** A key pair of the kind that all certificates here have. */
    static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    /** A new key for tokens of service accounts; the API server takes the public one out of it too, if it is of RSA. */
    static String accountsKeyPem() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return pem("PRIVATE KEY", generator.generateKeyPair().getPrivate().getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }

    static String pem(String type, byte[] content) {
        byte[] lineEnd = "\n".getBytes(StandardCharsets.US_ASCII);
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, lineEnd).encodeToString(content)
                + "\n-----END " + type + "-----\n";
    }

    /** The values of an attribute of a certificate's subject, such as its groups. */
    static List<String> ofSubject(X509Certificate certificate, ASN1ObjectIdentifier attribute) {
        RDN[] found = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded())
                .getRDNs(attribute);
        return Arrays.stream(found)
                .map(rdn -> rdn.getFirst().getValue().toString())
                .toList();
    }

    private Issued issue(
            X500Name subject, KeyPurposeId purpose, GeneralNames names, Instant notBefore, Instant notAfter) {
        KeyPair keys = newKeys();
        X500Name issuer =
                X500Name.getInstance(own.certificate().getSubjectX500Principal().getEncoded());
        X509v3CertificateBuilder builder = unsigned(issuer, subject, keys, notBefore, notAfter);
        try {
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            if (names != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, names);
            }
        } catch (CertIOException e) {
            throw new IllegalStateException(e);
        }
        return new Issued(signed(builder, own.key()), keys.getPrivate());
    }

    private static X509v3CertificateBuilder unsigned(
            X500Name issuer, X500Name subject, KeyPair keys, Instant notBefore, Instant notAfter) {
        BigInteger serial = new BigInteger(UUID.randomUUID().toString().replace("-", ""), 16);
        return new JcaX509v3CertificateBuilder(
                issuer, serial, Date.from(notBefore), Date.from(notAfter), subject, keys.getPublic());
    }

    private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("every JDK signs with ECDSA", e);
        }
    }
}
