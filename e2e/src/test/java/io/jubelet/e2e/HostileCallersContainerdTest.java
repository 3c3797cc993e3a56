/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PemText;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Callers of the kubelet's port that occupy connections: memory stays bounded, and others are served. The bound is for the
 * distribution, with its own heap and options.
 */
@OnContainerd
class HostileCallersContainerdTest {

    /** How much more memory all of them together may make the daemon take, once the port has been used. */
    private static final long MAX_GROWTH_KILOBYTES = 48 * 1024;

    private static final int IDLE = 1000;
    private static final int SLOW = 80;
    /** More than one caller may follow. */
    private static final int DEAF = 70;

    /** Prints some megabytes, fewer than those at which a log is rotated. */
    private static final String CHATTER = "seq 1 100000; " + DaemonProcess.sleeper();

    private final List<Socket> open = new ArrayList<>();
    private DaemonProcess daemon;
    private KeyAndCertificates caller;
    private TrustPolicy trust;
    private int port;

    @BeforeEach
    void start() throws Exception {
        daemon = new DaemonProcess();
        port = ServerProcess.freePort();
        CertificateAuthority authority = new CertificateAuthority("callers");
        Instant now = Instant.now();
        CertificateAuthority.Issued issued =
                authority.client("caller", List.of(), now.minusSeconds(60), now.plusSeconds(3600));
        caller = new KeyAndCertificates(issued.key(), List.of(issued.certificate()));
        Files.writeString(
                daemon.home.resolve("ca.crt"),
                Certificates.pem(List.of(authority.own().certificate())));
        daemon.options(
                "--config="
                        + Files.writeString(daemon.home.resolve("config.yaml"), """
                        apiVersion: kubelet.config.k8s.io/v1beta1
                        kind: KubeletConfiguration
                        address: 127.0.0.1
                        port: %s
                        authentication: {x509: {clientCAFile: ca.crt}}
                        authorization: {mode: AlwaysAllow}
                        """.formatted(Integer.toString(port))),
                "--cert-dir=" + daemon.home.resolve("pki"));
        daemon.write("chatty.yaml", DaemonProcess.pod("chatty", CHATTER));
        daemon.start();
        daemon.awaitRunning("chatty");
        daemon.await("the certificate", () -> Files.exists(daemon.home.resolve("pki/kubelet.crt")));
        trust = new TrustPolicy.Authorities(Certificates.read(PemText.read(daemon.home.resolve("pki/kubelet.crt"))));
        daemon.await("an answer", () -> status("/pods") == 200);
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
        if (daemon != null) {
            daemon.close();
        }
    }

    private SSLContext tls() throws IOException {
        return TlsContexts.client(trust, Optional.of(daemon.node), Optional.of(caller));
    }

    private int status(String path) {
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls()).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        open.add(socket);
        return socket;
    }

    /** Sends text on a connection of an authorized caller that can hardly receive anything, and reads nothing. */
    private Socket send(String text) throws IOException {
        SSLSocket socket = (SSLSocket) tls().getSocketFactory().createSocket();
        open.add(socket);
        socket.setReceiveBufferSize(32 * 1024);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** One attack after the other, without an end of those before. */
    @Test
    void connectionsThatDoNothingCostLittleAndKeepNobodyOut() throws Exception {
        assertEquals(200, status("/pods"));
        long before = daemon.peakResidentKilobytes();
        for (int i = 0; i < IDLE; i++) {
            connect();
        }
        assertEquals(200, status("/pods"), "with idle connections");
        for (int i = 0; i < SLOW; i++) {
            // The head of a handshake of 16 KiB, whose rest never comes.
            connect().getOutputStream().write(new byte[] {22, 3, 1, 64, 0, 1});
        }
        assertEquals(200, status("/pods"), "with slow handshakes");
        for (int i = 0; i < SLOW; i++) {
            send("GET /pods HTTP/1.1\r\nHost: n\r\nX-A: ");
        }
        assertEquals(200, status("/pods"), "with slow requests");
        String log = "/containerLogs/default/chatty-" + daemon.node + "/app?follow=true";
        int begun = 0;
        for (int i = 0; i < DEAF; i++) {
            // One byte shows that the response has begun.
            begun += send("GET " + log + " HTTP/1.1\r\nHost: n\r\n\r\n")
                                    .getInputStream()
                                    .read()
                            == 'H'
                    ? 1
                    : 0;
        }
        assertEquals(DEAF, begun);
        assertEquals(200, status("/pods"), "with callers that do not read");
        long growth = daemon.peakResidentKilobytes() - before;
        assertTrue(growth < MAX_GROWTH_KILOBYTES, growth + " kB more than " + before + " kB before");
        assertTrue(daemon.alive());
        assertEquals(1, daemon.running("chatty").size());
    }
}
