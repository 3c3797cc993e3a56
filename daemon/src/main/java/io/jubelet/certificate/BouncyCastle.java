/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
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
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * Implements {@link CertificateLibrary} with BouncyCastle. No other class uses BouncyCastle; {@link
 * io.jubelet.optional.OptionalLibraries} creates it. Stateless.
 */
public final class BouncyCastle implements CertificateLibrary {

    private static final int SERIAL_BITS = 127;
    private static final String NO_IO = "creating a certificate or a request does no I/O";

    @Override
    public Optional<PrivateKey> legacyKey(String block) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(block))) {
            return parser.readObject() instanceof PEMKeyPair pair
                    ? Optional.of(new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo()))
                    : Optional.empty();
        }
    }

    @Override
    public byte[] request(KeyPair keys, CertificateSubject subject) {
        try {
            PKCS10CertificationRequestBuilder builder =
                    new JcaPKCS10CertificationRequestBuilder(name(subject), keys.getPublic());
            Optional<GeneralNames> names = names(subject);
            if (names.isPresent()) {
                ExtensionsGenerator extensions = new ExtensionsGenerator();
                extensions.addExtension(Extension.subjectAlternativeName, false, names.get());
                builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
            }
            return builder.build(signer(keys.getPrivate())).getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException(NO_IO, e);
        }
    }

    @Override
    public X509Certificate selfSigned(KeyPair keys, CertificateSubject subject, Instant notBefore, Instant notAfter) {
        JcaX509v3CertificateBuilder builder =
                builder(name(subject), name(subject), keys.getPublic(), notBefore, notAfter);
        try {
            leaf(builder, subject, KeyPurposeId.id_kp_serverAuth);
            return signed(builder, keys.getPrivate());
        } catch (IOException e) {
            throw new IllegalStateException(NO_IO, e);
        }
    }

    @Override
    public X509Certificate authority(KeyPair keys, CertificateSubject subject, Instant notBefore, Instant notAfter) {
        JcaX509v3CertificateBuilder builder =
                builder(name(subject), name(subject), keys.getPublic(), notBefore, notAfter);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions().createSubjectKeyIdentifier(keys.getPublic()));
            return signed(builder, keys.getPrivate());
        } catch (IOException e) {
            throw new IllegalStateException(NO_IO, e);
        }
    }

    @Override
    public X509Certificate signed(
            PublicKey key,
            CertificateSubject subject,
            KeyAndCertificates authority,
            boolean server,
            Instant notBefore,
            Instant notAfter) {
        X500Name issuer = X500Name.getInstance(
                authority.certificate().getSubjectX500Principal().getEncoded());
        JcaX509v3CertificateBuilder builder = builder(issuer, name(subject), key, notBefore, notAfter);
        try {
            leaf(builder, subject, server ? KeyPurposeId.id_kp_serverAuth : KeyPurposeId.id_kp_clientAuth);
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    extensions()
                            .createAuthorityKeyIdentifier(
                                    authority.certificate().getPublicKey()));
            return signed(builder, authority.key());
        } catch (IOException e) {
            throw new IllegalStateException(NO_IO, e);
        }
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant notBefore, Instant notAfter) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
                Date.from(notBefore),
                Date.from(notAfter),
                subject,
                key);
    }

    private static void leaf(JcaX509v3CertificateBuilder builder, CertificateSubject subject, KeyPurposeId purpose)
            throws IOException {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
        Optional<GeneralNames> names = names(subject);
        if (names.isPresent()) {
            builder.addExtension(Extension.subjectAlternativeName, false, names.get());
        }
    }

    private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey key) {
        try {
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer(key)));
        } catch (CertificateException e) {
            throw new IllegalStateException("a certificate that was just made can be read", e);
        }
    }

    private static JcaX509ExtensionUtils extensions() {
        try {
            return new JcaX509ExtensionUtils();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    private static X500Name name(CertificateSubject subject) {
        X500NameBuilder builder = new X500NameBuilder();
        if (subject.organization().isPresent()) {
            builder.addRDN(BCStyle.O, subject.organization().get());
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
