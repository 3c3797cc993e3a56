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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client of TLS 1.2 that negotiates again. In a JVM of its own, because a JVM decides once, at the first handshake of
 * a server, whether it allows that.
 */
class RenegotiationTest {

    @TempDir
    private Path directory;

    @Test
    void isRefused() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RenegotiationTest.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        assertEquals(
                "served, then refused", output.lines().reduce((_, last) -> last).orElse(""), output);
    }

    /** @param args a directory */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        Instant now = Instant.now().minusSeconds(60);
        TestAuthority authority = new TestAuthority("CN=authority");
        Path clientCa = directory.resolve("ca.crt");
        Files.writeString(clientCa, authority.pem());
        KeyAndCertificates identity = authority.issue("CN=node1", now, now.plus(Duration.ofDays(1)), "127.0.0.1");
        ServerTls tls = new ServerTls(clientCa, () -> Optional.of(identity), "TLSv1.2", List.of(), List.of(), false);
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (ApiServer local = new ApiServer(
                        directory.resolve("jubelet.sock"),
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofSeconds(20),
                        StatusStores.sample(),
                        StatusStores.NODE,
                        Optional::empty,
                        new Sources(_ -> List.of(), (_, _, _) -> {}, ClusterSource.NONE, Optional::empty));
                KubeletServer server = new KubeletServer(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        tls::engine,
                        Duration.ofSeconds(20),
                        local,
                        _ -> new RequestAuthorizer.Decision.Allowed("caller"),
                        new KubeletServer.Handlers(false, Map.of()))) {
            server.start();
            SSLContext trusting = TlsContexts.client(
                    new TrustPolicy.Authorities(List.of(authority.certificate())), Optional.empty(), Optional.empty());
            try (SSLSocket socket = Eventually.within(Eventually.DEFAULT_TIMEOUT)
                    .retrying(IOException.class)
                    .until("a connection", () -> connect(trusting, port), _ -> true)) {
                request(socket);
                String first = new String(socket.getInputStream().readNBytes(15), StandardCharsets.US_ASCII);
                System.out.println((first.equals("HTTP/1.1 200 OK") ? "served, then " : first) + renegotiate(socket));
            }
        }
    }

    private static SSLSocket connect(SSLContext trusting, int port) throws IOException {
        SSLSocket socket = (SSLSocket) trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
        socket.startHandshake();
        return socket;
    }

    private static void request(SSLSocket socket) throws IOException {
        socket.getOutputStream().write("GET /healthz HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static String renegotiate(SSLSocket socket) throws IOException {
        socket.getInputStream().skipNBytes(socket.getInputStream().available());
        try {
            socket.startHandshake();
            request(socket);
            return socket.getInputStream().read() < 0 ? "refused" : "renegotiated";
        } catch (IOException _) {
            return "refused";
        }
    }
}
