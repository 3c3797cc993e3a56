/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes certificates. Stateless. */
public final class Certificates {

    private static final String CERTIFICATE = "CERTIFICATE";

    private Certificates() {}

    /** Reads all certificates of a text in order, at least one. Other blocks are skipped. */
    public static List<X509Certificate> read(PemText pem) throws UnusableCertificateException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (PemText.Block block : pem.blocks()) {
            if (isCertificate(block.label())) {
                certificates.add(certificate(pem, block, certificates.size() + 1));
            }
        }
        if (certificates.isEmpty()) {
            throw new UnusableCertificateException(pem + ": contains no certificate");
        }
        return certificates;
    }

    private static boolean isCertificate(String label) {
        return label.equals(CERTIFICATE) || label.equals("X509 CERTIFICATE");
    }

    private static X509Certificate certificate(PemText pem, PemText.Block block, int number)
            throws UnusableCertificateException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(block.der()));
        } catch (CertificateException e) {
            throw new UnusableCertificateException(
                    pem + ": certificate " + number + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Returns certificates in PEM. */
    public static String pem(List<X509Certificate> certificates) {
        StringBuilder pem = new StringBuilder();
        try {
            for (X509Certificate certificate : certificates) {
                pem.append(PemText.block(CERTIFICATE, certificate.getEncoded()));
            }
        } catch (CertificateException e) {
            throw new IllegalStateException("a certificate that was read has an encoding", e);
        }
        return pem.toString();
    }
}
