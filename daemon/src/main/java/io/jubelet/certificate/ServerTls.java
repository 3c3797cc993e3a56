/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of a server whose certificate and client authorities can change while it runs.
 *
 * <p>{@link #trusts} is safe for use by many threads; {@link #engine} must be called by one, that of the listener.
 */
public final class ServerTls {

    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
    private static final String TLS13 = "TLSv1.3";

    /** All of them, because they cannot be chosen in Go either. */
    private static final List<String> TLS13_SUITES =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    /** Authenticated encryption with forward secrecy. What else Java would offer has known attacks. */
    private static final List<String> TLS12_SUITES = List.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    static {
        // Renegotiation costs the server more than the client, who need not be authenticated. Go has none. The JDK
        // reads
        // this before the first handshake of a server.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }

    private final Path clientCa;
    private final Supplier<Optional<KeyAndCertificates>> certificate;
    private final String[] protocols;
    private final String[] suites;
    private final String[] groups;
    private final boolean certificateRequired;
    /** Why connections are refused, as it was logged last; empty while they are not. */
    private final AtomicReference<String> logged = new AtomicReference<>("");

    /** The context of the last connection, and what it was made of. */
    private @Nullable SSLContext context;

    private @Nullable KeyAndCertificates contextCertificate;
    private List<X509Certificate> contextAuthorities = List.of();

    /**
     * @param clientCa a file with the authorities of the certificates of clients
     * @param certificate that of the server; empty until there is one
     * @param minVersion the oldest version of TLS, as JSSE names it
     * @param cipherSuites those of TLS 1.2, as JSSE names them; empty for the default
     * @param groups for the exchange of keys, as JSSE names them; empty for the default
     * @param certificateRequired whether the handshake fails for a client without a certificate
     */
    public ServerTls(
            Path clientCa,
            Supplier<Optional<KeyAndCertificates>> certificate,
            String minVersion,
            List<String> cipherSuites,
            List<String> groups,
            boolean certificateRequired) {
        this.clientCa = Objects.requireNonNull(clientCa, "clientCa");
        this.certificate = Objects.requireNonNull(certificate, "certificate");
        this.protocols = minVersion.equals(TLS13) ? new String[] {TLS13} : new String[] {TLS13, minVersion};
        List<String> offered = new ArrayList<>(TLS13_SUITES);
        offered.addAll(cipherSuites.isEmpty() ? TLS12_SUITES : cipherSuites);
        this.suites = offered.toArray(String[]::new);
        this.groups = groups.toArray(String[]::new);
        this.certificateRequired = certificateRequired;
    }

    /** An engine for a new connection; empty when the connection must be refused, which is logged. */
    public Optional<SSLEngine> engine() {
        Optional<KeyAndCertificates> current = certificate.get();
        if (current.isEmpty()) {
            LOG.debug("refused a connection, because there is no serving certificate yet");
            return Optional.empty();
        }
        SSLEngine engine;
        try {
            engine = context(current.get(), authorities()).createSSLEngine();
            logged.set("");
        } catch (IOException e) {
            log(e);
            return Optional.empty();
        }
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(protocols);
        engine.setEnabledCipherSuites(suites);
        if (groups.length > 0) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setNamedGroups(groups);
            engine.setSSLParameters(parameters);
        }
        if (certificateRequired) {
            engine.setNeedClientAuth(true);
        } else {
            engine.setWantClientAuth(true);
        }
        return Optional.of(engine);
    }

    private SSLContext context(KeyAndCertificates current, List<X509Certificate> authorities) throws IOException {
        SSLContext known = context;
        if (known == null || !current.equals(contextCertificate) || !authorities.equals(contextAuthorities)) {
            known = TlsContexts.server(current, Optional.of(authorities));
            context = known;
            contextCertificate = current;
            contextAuthorities = authorities;
        }
        return known;
    }

    /** Whether a chain of certificates leads to one of the authorities of clients; false when they cannot be read. */
    public boolean trusts(List<X509Certificate> client) {
        try {
            return TlsContexts.trusts(authorities(), client);
        } catch (IOException e) {
            log(e);
            return false;
        }
    }

    /** The file is small, and read for each connection and each request, so that a change takes effect at once. */
    private List<X509Certificate> authorities() throws IOException {
        return Certificates.read(PemText.read(clientCa));
    }

    /** Logs each failure once, because anyone can connect as often as they like. */
    private void log(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        if (!message.equals(logged.getAndSet(message))) {
            LOG.warn("refusing connections, because the authorities of clients cannot be used: {}", message);
        }
    }
}
