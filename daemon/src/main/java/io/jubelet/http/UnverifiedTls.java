package io.jubelet.http;

import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import io.jubelet.certificate.UnusableCertificateException;
import java.io.IOException;
import java.net.Socket;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * TLS with whoever answers: probes ask whether a server serves, not who it is. Loaded by the first probe or hook that
 * speaks it.
 */
final class UnverifiedTls {

    private static final SSLContext CONTEXT = context();

    private UnverifiedTls() {}

    /** TLS over a connection, which is closed with it; the handshake comes with the first byte. */
    static Socket over(Socket plain, String host, int port) throws IOException {
        return CONTEXT.getSocketFactory().createSocket(plain, host, port, true);
    }

    private static SSLContext context() {
        try {
            return TlsContexts.client(new TrustPolicy.Insecure(), Optional.empty(), Optional.empty());
        } catch (UnusableCertificateException e) {
            throw new IllegalStateException("every Java has TLS", e);
        }
    }
}
