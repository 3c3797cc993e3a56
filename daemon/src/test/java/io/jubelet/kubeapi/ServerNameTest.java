/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.TestAuthority;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code tls-server-name}: it replaces the host of the server's address in the check of the certificate, as in Go. */
class ServerNameTest {

    private static final Instant NOW = Instant.now().minusSeconds(60);

    private final TestAuthority authority = new TestAuthority("CN=authority");
    private final HttpClientCache connections = new HttpClientCache();
    private HttpsServer server;

    @AfterEach
    void close() {
        connections.close();
        if (server != null) {
            server.stop(0);
        }
    }

    /** Responds with the name in the SNI extension; the certificate has these alternative names. */
    private void serve(String subject, String... names) throws IOException {
        KeyAndCertificates identity = authority.issue(subject, NOW, NOW.plus(Duration.ofDays(1)), names);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(TlsContexts.server(identity, Optional.empty())));
        server.createContext("/", exchange -> {
            byte[] body = requestedName((HttpsExchange) exchange).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    private static String requestedName(HttpsExchange exchange) {
        List<String> names = ((ExtendedSSLSession) exchange.getSSLSession())
                .getRequestedServerNames().stream()
                        .map(name -> new SNIHostName(name.getEncoded()).getAsciiName())
                        .toList();
        return names.isEmpty() ? "none" : String.join(",", names);
    }

    private String connect(String host, String serverName) throws Exception {
        TrustPolicy trust = new TrustPolicy.Authorities(List.of(authority.certificate()));
        URI uri = URI.create("https://" + host + ":" + server.getAddress().getPort() + "/");
        ClientConfig access = new ClientConfig(
                uri,
                TlsContexts.client(trust, Optional.of(serverName), Optional.empty()),
                Optional.of(serverName),
                Optional.empty(),
                Optional.empty());
        return connections
                .clientFor(access)
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @ParameterizedTest
    @CsvSource({
        "kubernetes, 127.0.0.1, kubernetes, kubernetes",
        "kubernetes, localhost, Kubernetes, localhost",
        "*.example.org, 127.0.0.1, api.example.org, api.example.org",
        "*.example.org, localhost, api.example.org, localhost",
        "10.0.0.1 fd00::1, localhost, 10.0.0.1, localhost",
        "10.0.0.1 fd00::1, 127.0.0.1, fd00:0::1, none"
    })
    void acceptsACertificateOfTheNameWhateverTheHost(String names, String host, String serverName, String sni)
            throws Exception {
        serve("CN=any", names.split(" "));
        assertEquals(sni, connect(host, serverName));
    }

    @ParameterizedTest
    @CsvSource({
        "localhost 127.0.0.1, 127.0.0.1, kubernetes",
        "localhost 127.0.0.1, localhost, kubernetes",
        "localhost 127.0.0.1, 127.0.0.1, 10.0.0.1",
        "localhost 127.0.0.1, localhost, 10.0.0.1",
        "*.example.org 127.0.0.1, 127.0.0.1, a.b.example.org",
        "*.example.org 127.0.0.1, 127.0.0.1, example.org",
        "a*.example.org 127.0.0.1, 127.0.0.1, api.example.org"
    })
    void refusesACertificateOfTheHostAlone(String names, String host, String serverName) throws Exception {
        serve("CN=any", names.split(" "));
        SSLHandshakeException refusal = assertThrows(SSLHandshakeException.class, () -> connect(host, serverName));
        assertTrue(refusal.getMessage().contains("not valid for " + serverName + ", but for ["), refusal::getMessage);
    }

    @Test
    void refusesACertificateWithTheNameInItsSubjectAlone() throws Exception {
        serve("CN=kubernetes");
        assertThrows(SSLHandshakeException.class, () -> connect("127.0.0.1", "kubernetes"));
    }
}
