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

/**
 * Makes contexts for TLS. A context is made for one key and one set of authorities and never changes: who gets new ones
 * makes a new context, and with it new connections, for a connection and a resumed session keep the identity they began
 * with. Stateless.
 */
public final class TlsContexts {

    /** Where Go looks for the authorities of the system, and so a kubelet. */
    private static final List<String> SYSTEM_FILES = List.of(
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/ca-bundle.pem",
            "/etc/pki/tls/cacert.pem",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            "/etc/ssl/cert.pem");

    private TlsContexts() {}

    /**
     * Of a client. May read the files of the system's authorities.
     *
     * @param serverName who the server has to be; empty: the host that the connection goes to
     * @param identity who the client is
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
     * Of a server.
     *
     * @param clients who may call; empty: the server does not ask who calls
     */
    public static SSLContext server(KeyAndCertificates identity, Optional<List<X509Certificate>> clients)
            throws UnusableCertificateException {
        return context(clients.isEmpty() ? null : trustManager(clients.get()), Optional.of(identity));
    }

    /**
     * Whether a caller with these certificates, its own first, would be let in now: a connection lives on when a certificate
     * expires or its authority is no longer one.
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

    private static SSLContext context(X509ExtendedTrustManager trust, Optional<KeyAndCertificates> identity)
            throws UnusableCertificateException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = identity.isEmpty() ? null : new KeyManager[] {new SingleKeyManager(identity.get())};
            context.init(keys, trust == null ? null : new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new UnusableCertificateException("TLS cannot be prepared: " + e.getMessage(), e);
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
            throw new UnusableCertificateException("the authorities cannot be used: " + e.getMessage(), e);
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
            throw new UnusableCertificateException("the system's authorities cannot be used: " + e.getMessage(), e);
        }
    }

    private static X509ExtendedTrustManager trustManagerOf(KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("Java has no trust manager for certificates");
    }
}
