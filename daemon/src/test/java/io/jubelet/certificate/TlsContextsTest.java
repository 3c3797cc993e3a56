/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TlsContextsTest {

    private static final Instant NOW = Instant.now().minusSeconds(60);
    private static final Instant TOMORROW = NOW.plus(Duration.ofDays(1));

    private final TestAuthority authority = new TestAuthority("CN=authority");
    private final TestAuthority other = new TestAuthority("CN=other");
    private final KeyAndCertificates client = authority.issue("O=system:nodes, CN=system:node:n1", NOW, TOMORROW);
    private HttpsServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    /** It answers with the name of its caller. */
    private void serve(KeyAndCertificates identity, Optional<TestAuthority> clients) throws IOException {
        SSLContext context = TlsContexts.server(identity, clients.map(a -> List.of(a.certificate())));
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters tls = context.getDefaultSSLParameters();
                tls.setNeedClientAuth(clients.isPresent());
                parameters.setSSLParameters(tls);
            }
        });
        server.createContext("/", exchange -> {
            byte[] answer = caller((HttpsExchange) exchange).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    private static String caller(HttpsExchange exchange) {
        try {
            return exchange.getSSLSession().getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException e) {
            return "somebody";
        }
    }

    private String ask(TrustPolicy trust, String serverName, KeyAndCertificates identity) throws Exception {
        try (HttpClient http = HttpClient.newBuilder()
                .sslContext(TlsContexts.client(trust, Optional.ofNullable(serverName), Optional.ofNullable(identity)))
                .build()) {
            URI uri = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/");
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private TrustPolicy trusted() {
        return new TrustPolicy.Authorities(List.of(other.certificate(), authority.certificate()));
    }

    @Test
    void showsTheClientsCertificate() throws Exception {
        serve(authority.issue("CN=server", NOW, TOMORROW, "127.0.0.1"), Optional.of(authority));
        assertEquals("CN=system:node:n1,O=system:nodes", ask(trusted(), null, client));
        assertThrows(IOException.class, () -> ask(trusted(), null, null));
        KeyAndCertificates stranger = other.issue("CN=system:node:n1", NOW, TOMORROW);
        assertThrows(IOException.class, () -> ask(trusted(), null, stranger));
    }

    @Test
    void believesOnlyAServerOfAnAuthorityAndOfItsName() throws Exception {
        serve(authority.issue("CN=server", NOW, TOMORROW, "127.0.0.1", "*.example.org"), Optional.empty());
        assertEquals("somebody", ask(trusted(), null, client));
        assertEquals("somebody", ask(trusted(), "api.example.org", null));
        TrustPolicy others = new TrustPolicy.Authorities(List.of(other.certificate()));
        assertThrows(IOException.class, () -> ask(others, null, null));
        assertThrows(IOException.class, () -> ask(new TrustPolicy.SystemRoots(), null, null));
        IOException wrong = assertThrows(IOException.class, () -> ask(trusted(), "api.example.com", null));
        assertTrue(
                wrong.getMessage().contains("not valid for api.example.com, but for [127.0.0.1, *.example.org]"),
                wrong.getMessage());
    }

    @Test
    void believesAServerOfAnotherNameThanItsHost() throws Exception {
        serve(authority.issue("CN=server", NOW, TOMORROW, "kubernetes.default"), Optional.empty());
        assertThrows(IOException.class, () -> ask(trusted(), null, null));
        assertEquals("somebody", ask(trusted(), "kubernetes.default", null));
        assertEquals("somebody", ask(new TrustPolicy.Insecure(), null, null));
        assertEquals("somebody", ask(new TrustPolicy.Insecure(), "ignored", null));
    }

    @Test
    void refusesAServerWhoseCertificateHasExpired() throws Exception {
        serve(authority.issue("CN=server", NOW.minusSeconds(100), NOW, "127.0.0.1"), Optional.empty());
        assertThrows(IOException.class, () -> ask(trusted(), null, null));
        assertThrows(IOException.class, () -> ask(trusted(), "127.0.0.1", null));
        assertEquals("somebody", ask(new TrustPolicy.Insecure(), null, null));
    }

    @Test
    void comparesNamesAsGoDoes() throws Exception {
        KeyAndCertificates names =
                authority.issue("CN=common.example.org", NOW, TOMORROW, "*.example.org", "A.b", "10.0.0.1", "::1");
        assertTrue(ServerNameTrustManager.isValidFor(names.certificate(), "x.Example.org"));
        assertTrue(ServerNameTrustManager.isValidFor(names.certificate(), "a.b"));
        assertTrue(ServerNameTrustManager.isValidFor(names.certificate(), "10.0.0.1"));
        assertTrue(ServerNameTrustManager.isValidFor(names.certificate(), "0:0::1"));
        for (String not : List.of("x.y.example.org", "example.org", "10.0.0.2", "b")) {
            assertEquals(false, ServerNameTrustManager.isValidFor(names.certificate(), not), not);
        }
        KeyAndCertificates none = authority.issue("CN=common.example.org", NOW, TOMORROW);
        assertEquals(false, ServerNameTrustManager.isValidFor(none.certificate(), "common.example.org"));
    }

    @Test
    void aCallerIsTrustedAsLongAsItsCertificateAndItsAuthorityAre() {
        List<X509Certificate> chain = List.of(client.certificate());
        assertTrue(TlsContexts.trusts(List.of(other.certificate(), authority.certificate()), chain));
        assertFalse(TlsContexts.trusts(List.of(other.certificate()), chain));
        KeyAndCertificates past = authority.issue("CN=past", NOW.minus(Duration.ofDays(1)), NOW);
        assertFalse(TlsContexts.trusts(List.of(authority.certificate()), List.of(past.certificate())));
    }
}
