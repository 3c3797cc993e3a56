package io.jubelet.certificate;

import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Makes what asks for a certificate, and certificates that need nobody's signature. Loads BouncyCastle. Stateless. */
public final class Issuing {

    private static final Duration YEAR = Duration.ofDays(365);
    /** For clocks that are behind ours. */
    private static final Duration EARLIER = Duration.ofHours(1);

    private static final int SERIAL_BITS = 127;

    private Issuing() {}

    /** A PKCS#10 request in PEM. */
    public static String request(KeyPair keys, CertificateSubject subject) {
        try {
            PKCS10CertificationRequestBuilder builder =
                    new JcaPKCS10CertificationRequestBuilder(name(subject), keys.getPublic());
            Optional<GeneralNames> names = names(subject);
            if (names.isPresent()) {
                ExtensionsGenerator extensions = new ExtensionsGenerator();
                extensions.addExtension(Extension.subjectAlternativeName, false, names.get());
                builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
            }
            return PemText.block(
                    "CERTIFICATE REQUEST",
                    builder.build(signer(keys.getPrivate())).getEncoded());
        } catch (IOException e) {
            throw new IllegalStateException("a request is made in memory", e);
        }
    }

    /** A certificate of a server that vouches for itself, for a year, with a new key. */
    public static KeyAndCertificates selfSigned(CertificateSubject subject, Instant now) {
        KeyPair keys = PrivateKeys.make();
        X500Name name = name(subject);
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
                Date.from(now.minus(EARLIER)),
                Date.from(now.plus(YEAR)),
                name,
                keys.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            Optional<GeneralNames> names = names(subject);
            if (names.isPresent()) {
                builder.addExtension(Extension.subjectAlternativeName, false, names.get());
            }
            X509Certificate certificate =
                    new JcaX509CertificateConverter().getCertificate(builder.build(signer(keys.getPrivate())));
            return new KeyAndCertificates(keys.getPrivate(), List.of(certificate));
        } catch (IOException | CertificateException e) {
            throw new IllegalStateException("a certificate is made in memory", e);
        }
    }

    private static X500Name name(CertificateSubject subject) {
        X500NameBuilder builder = new X500NameBuilder();
        if (!subject.organization().isEmpty()) {
            builder.addRDN(BCStyle.O, subject.organization());
        }
        return builder.addRDN(BCStyle.CN, subject.commonName()).build();
    }

    private static Optional<GeneralNames> names(CertificateSubject subject) {
        List<GeneralName> names = new ArrayList<>();
        subject.dnsNames().forEach(dns -> names.add(new GeneralName(GeneralName.dNSName, dns)));
        subject.ips().forEach(ip -> names.add(new GeneralName(GeneralName.iPAddress, ip)));
        return names.isEmpty() ? Optional.empty() : Optional.of(new GeneralNames(names.toArray(GeneralName[]::new)));
    }

    private static ContentSigner signer(PrivateKey key) {
        try {
            return new JcaContentSignerBuilder("SHA256withECDSA").build(key);
        } catch (OperatorCreationException e) {
            throw new IllegalStateException("every Java signs with ECDSA", e);
        }
    }
}
