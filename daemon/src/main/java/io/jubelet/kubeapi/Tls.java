package io.jubelet.kubeapi;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Whom to trust and what to show in TLS. */
final class Tls {

    private Tls() {}

    static SSLContext context(
            Optional<String> authority,
            boolean insecure,
            Optional<String> serverName,
            Optional<String> certificate,
            Optional<String> key)
            throws GeneralSecurityException, IOException {
        if (insecure || serverName.isPresent()) {
            throw new IllegalArgumentException("insecure-skip-tls-verify and tls-server-name are not supported");
        }
        TrustManager[] trust = null;
        if (authority.isPresent()) {
            KeyStore store = empty();
            int count = 0;
            for (Certificate each : certificates(authority.get())) {
                store.setCertificateEntry("ca" + count++, each);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            trust = factory.getTrustManagers();
        }
        KeyManager[] keys = null;
        if (certificate.isPresent() && key.isPresent()) {
            KeyStore store = empty();
            store.setKeyEntry(
                    "client",
                    key(key.get()),
                    new char[0],
                    certificates(certificate.get()).toArray(new Certificate[0]));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust, null);
        return context;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(String pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    private static PrivateKey key(String pem) throws GeneralSecurityException {
        String body = pem.replaceAll("(?s).*-----BEGIN PRIVATE KEY-----", "").replaceAll("(?s)-----END.*", "");
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body));
        try {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        } catch (InvalidKeySpecException _) {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        }
    }
}
