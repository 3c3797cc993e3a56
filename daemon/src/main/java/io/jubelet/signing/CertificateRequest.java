/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.signing;

import io.jubelet.certificate.CertificateSubject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * The contents of a CertificateSigningRequest. Immutable.
 *
 * @param signer the signer's name, such as {@code kubernetes.io/kubelet-serving}
 * @param usages the key usages; without key encipherment, because keys are elliptic-curve keys
 * @param what what the certificate is called in messages
 */
record CertificateRequest(String signer, List<String> usages, CertificateSubject subject, String what) {

    CertificateRequest {
        Objects.requireNonNull(signer, "signer");
        usages = List.copyOf(usages);
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(what, "what");
    }

    /** The request of a node for a client certificate of the API server. */
    static CertificateRequest client(String node) {
        return new CertificateRequest(
                "kubernetes.io/kube-apiserver-client-kubelet",
                List.of("digital signature", "client auth"),
                CertificateSubject.ofNode(node),
                "client certificate");
    }

    /** The request of a node for a serving certificate. */
    static CertificateRequest serving(CertificateSubject subject) {
        return new CertificateRequest(
                "kubernetes.io/kubelet-serving",
                List.of("digital signature", "server auth"),
                subject,
                "serving certificate");
    }

    /**
     * Returns the name of the request, which follows from its contents and the key, so that asking
     * again finds the request that exists. It is the kubelet's name of bootstrap requests, extended
     * by the alternative names.
     */
    String name(PublicKey key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-512/256");
            add(digest, key.getEncoded());
            add(digest, subject.commonName());
            add(digest, subject.organization().orElse(""));
            usages.forEach(usage -> add(digest, usage));
            subject.dnsNames().forEach(name -> add(digest, name));
            subject.ips().forEach(ip -> add(digest, ip));
            return "node-csr-" + Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-512/256", e);
        }
    }

    private static void add(MessageDigest digest, String text) {
        add(digest, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void add(MessageDigest digest, byte[] data) {
        digest.update(Base64.getUrlEncoder().withoutPadding().encode(data));
        digest.update((byte) '|');
    }
}
