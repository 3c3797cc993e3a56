/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Creates TLS contexts. A context belongs to one key and one set of authorities and never changes:
 * a new key needs a new context and new connections, because connections and resumed sessions keep
 * the old identity. Stateless.
 */
public final class TlsContexts {

    /** Where Go, and so the kubelet, looks for the authorities of the system. */
    private static final List<String> SYSTEM_FILES = List.of(
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/ca-bundle.pem",
            "/etc/pki/tls/cacert.pem",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            "/etc/ssl/cert.pem");

    /**
     * How many sessions a server keeps for clients that can resume them without a ticket. The JDK keeps 20,480 with the
     * certificates of the client, which would be several times the heap.
     */
    static final int MAX_SERVER_SESSIONS = 128;

    private TlsContexts() {}

    /**
     * Creates the context of a client. May read the files of the system's authorities.
     *
     * @param trust which servers are trusted
     * @param serverName the name that the server's certificate must have; empty for the host of the
     *     connection
     * @param identity the client's key and certificate
     */
    public static SSLContext client(
            TrustPolicy trust, Optional<String> serverName, Optional<KeyAndCertificates> identity)
            throws UnusableCertificateException {
        X509ExtendedTrustManager manager = switch (trust) {
            case TrustPolicy.Authorities(List<X509Certificate> certificates) -> trustManager(certificates);
            case TrustPolicy.SystemRoots() -> systemTrustManager();
            case TrustPolicy.Insecure() -> new InsecureTrustManager();
        };
        if (serverName.isPresent() && !(trust instanceof TrustPolicy.Insecure)) {
            manager = new ServerNameTrustManager(manager, serverName.get());
        }
        return context(manager, identity);
    }

    /**
     * Creates the context of a server.
     *
     * @param identity the server's key and certificate
     * @param clients the authorities of client certificates; empty if none are requested
     */
    public static SSLContext server(KeyAndCertificates identity, Optional<List<X509Certificate>> clients)
            throws UnusableCertificateException {
        SSLContext context = context(clients.isEmpty() ? null : trustManager(clients.get()), Optional.of(identity));
        context.getServerSessionContext().setSessionCacheSize(MAX_SERVER_SESSIONS);
        return context;
    }

    /**
     * Returns whether a client certificate is trusted now. A connection outlives the expiry of its
     * certificate and the removal of its authority, so each request checks again.
     *
     * @param caller the client's chain, its own certificate first
     */
    public static boolean trusts(List<X509Certificate> authorities, List<X509Certificate> caller) {
        try {
            X509Certificate[] chain = caller.toArray(X509Certificate[]::new);
            trustManager(authorities)
                    .checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
            return true;
        } catch (CertificateException | UnusableCertificateException _) {
            return false;
        }
    }

    private static SSLContext context(@Nullable X509ExtendedTrustManager trust, Optional<KeyAndCertificates> identity)
            throws UnusableCertificateException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = identity.isEmpty() ? null : new KeyManager[] {new SingleKeyManager(identity.get())};
            context.init(keys, trust == null ? null : new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new UnusableCertificateException("cannot create a TLS context: " + e.getMessage(), e);
        }
    }

    private static X509ExtendedTrustManager trustManager(List<X509Certificate> authorities)
            throws UnusableCertificateException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority-" + i, authorities.get(i));
            }
            return trustManagerOf(store);
        } catch (GeneralSecurityException | IOException e) {
            throw new UnusableCertificateException("cannot use the authorities: " + e.getMessage(), e);
        }
    }

    private static X509ExtendedTrustManager systemTrustManager() throws UnusableCertificateException {
        for (String file : SYSTEM_FILES) {
            if (Files.isReadable(Path.of(file))) {
                return trustManager(Certificates.read(PemText.read(Path.of(file))));
            }
        }
        try {
            return trustManagerOf(null);
        } catch (GeneralSecurityException e) {
            throw new UnusableCertificateException("cannot use the system's authorities: " + e.getMessage(), e);
        }
    }

    private static X509ExtendedTrustManager trustManagerOf(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("the JDK has no X.509 trust manager");
    }
}
