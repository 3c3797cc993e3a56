/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.ServerTls;
import io.jubelet.certificate.TestAuthority;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the settings of TLS do to handshakes with the kubelet's port. */
class KubeletTlsTest extends TestApiServer {

    private static final String REFUSED = "refused";
    private static final Instant NOW = Instant.now().minusSeconds(60);
    private static final TestAuthority AUTHORITY = new TestAuthority("CN=authority");
    private static final KeyAndCertificates SERVER =
            AUTHORITY.issue("CN=node1", NOW, NOW.plus(Duration.ofDays(1)), "127.0.0.1");

    private static final String AES_128 = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    private static final String AES_256 = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    private static final String CBC = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256";

    private KubeletServer remote;
    private int port;

    @BeforeEach
    void choosePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void close() {
        remote.close();
    }

    private void serve(String minVersion, List<String> suites, List<String> groups) throws Exception {
        Path ca = directory.resolve("ca.crt");
        Files.writeString(ca, AUTHORITY.pem());
        ServerTls tls = new ServerTls(ca, () -> Optional.of(SERVER), minVersion, suites, groups, false);
        remote = new KubeletServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                tls::engine,
                Duration.ofSeconds(20),
                server,
                _ -> new RequestAuthorizer.Decision.Allowed("caller"),
                new KubeletServer.Handlers(true, Map.of()));
        remote.start();
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .retrying(ConnectException.class)
                .until("the port to be open", this::connects, open -> open);
    }

    private boolean connects() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        }
    }

    /** The suite that a client with these parameters gets. */
    private String handshake(String version, List<String> suites, List<String> groups) throws IOException {
        SSLContext context = TlsContexts.client(
                new TrustPolicy.Authorities(List.of(AUTHORITY.certificate())), Optional.empty(), Optional.empty());
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {version});
            if (!suites.isEmpty()) {
                parameters.setCipherSuites(suites.toArray(String[]::new));
            }
            if (!groups.isEmpty()) {
                parameters.setNamedGroups(groups.toArray(String[]::new));
            }
            socket.setSSLParameters(parameters);
            try {
                socket.startHandshake();
            } catch (SSLException _) {
                return REFUSED;
            }
            return socket.getSession().getCipherSuite();
        }
    }

    @Test
    void defaultsAreTls12And13WithAuthenticatedEncryption() throws Exception {
        serve("TLSv1.2", List.of(), List.of());
        assertEquals(AES_128, handshake("TLSv1.2", List.of(AES_128), List.of()));
        assertEquals(REFUSED, handshake("TLSv1.2", List.of(CBC), List.of()));
        assertEquals("TLS_AES_256_GCM_SHA384", handshake("TLSv1.3", List.of("TLS_AES_256_GCM_SHA384"), List.of()));
        for (String group : List.of("x25519", "secp256r1", "secp384r1")) {
            assertEquals(
                    "TLS_AES_128_GCM_SHA256", handshake("TLSv1.3", List.of("TLS_AES_128_GCM_SHA256"), List.of(group)));
        }
    }

    @Test
    void theOldestVersionIsTheOneThatIsConfigured() throws Exception {
        serve("TLSv1.3", List.of(), List.of());
        assertEquals(REFUSED, handshake("TLSv1.2", List.of(), List.of()));
        assertEquals(
                "TLS_CHACHA20_POLY1305_SHA256",
                handshake("TLSv1.3", List.of("TLS_CHACHA20_POLY1305_SHA256"), List.of()));
    }

    @Test
    void theSuitesOfTls12AreThoseThatAreConfigured() throws Exception {
        serve("TLSv1.2", List.of(AES_256), List.of());
        assertEquals(REFUSED, handshake("TLSv1.2", List.of(AES_128), List.of()));
        assertEquals(AES_256, handshake("TLSv1.2", List.of(AES_128, AES_256), List.of()));
        assertEquals("TLS_AES_128_GCM_SHA256", handshake("TLSv1.3", List.of("TLS_AES_128_GCM_SHA256"), List.of()));
    }

    @Test
    void theCurvesAreThoseThatAreConfigured() throws Exception {
        serve("TLSv1.2", List.of(), List.of("secp384r1"));
        assertEquals(REFUSED, handshake("TLSv1.3", List.of(), List.of("x25519", "secp256r1")));
        assertEquals(
                "TLS_AES_256_GCM_SHA384",
                handshake("TLSv1.3", List.of("TLS_AES_256_GCM_SHA384"), List.of("x25519", "secp384r1")));
    }
}
