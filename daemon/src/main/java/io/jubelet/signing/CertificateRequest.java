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
 * What a signer of the cluster is asked for.
 *
 * @param signer name of the signer
 * @param usages of a key on an elliptic curve, which encrypts no keys
 * @param what it is, for people
 */
record CertificateRequest(String signer, List<String> usages, CertificateSubject subject, String what) {

    CertificateRequest {
        Objects.requireNonNull(signer, "signer");
        usages = List.copyOf(usages);
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(what, "what");
    }

    /** Of a node that asks API servers. */
    static CertificateRequest client(String node) {
        return new CertificateRequest(
                "kubernetes.io/kube-apiserver-client-kubelet",
                List.of("digital signature", "client auth"),
                CertificateSubject.ofNode(node),
                "client certificate");
    }

    /** Of a node that answers under its names and addresses. */
    static CertificateRequest serving(CertificateSubject subject) {
        return new CertificateRequest(
                "kubernetes.io/kubelet-serving",
                List.of("digital signature", "server auth"),
                subject,
                "serving certificate");
    }

    /**
     * The name of the request, which follows from what is asked for and with which key: who asks again finds what was asked
     * before. It is the kubelet's name of bootstrap requests; alternative names, which those never have, count too.
     */
    String name(PublicKey key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-512/256");
            add(digest, key.getEncoded());
            add(digest, subject.commonName());
            add(digest, subject.organization());
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
