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
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many commands in a container, one after the other and at the same time, on the local socket and on the kubelet's port. */
@OnContainerd
class ManyStreamsContainerdTest {

    private static final int EXECS = 1000;
    private static final int CLIENTS = 6;
    private static final int STREAMS = 100;

    private static DaemonProcess daemon;
    private static SSLContext tls;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        daemon = new DaemonProcess();
        port = ServerProcess.freePort();
        CertificateAuthority authority = new CertificateAuthority("callers");
        Instant now = Instant.now();
        CertificateAuthority.Issued caller =
                authority.client("caller", List.of(), now.minusSeconds(60), now.plusSeconds(3600));
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
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.start();
        daemon.awaitRunning("web");
        daemon.await("the certificate", () -> Files.exists(daemon.home.resolve("pki/kubelet.crt")));
        tls = TlsContexts.client(
                new TrustPolicy.Authorities(Certificates.read(PemText.read(daemon.home.resolve("pki/kubelet.crt")))),
                Optional.of(daemon.node),
                Optional.of(new KeyAndCertificates(caller.key(), List.of(caller.certificate()))));
        daemon.await("commands to run", () -> inside("echo done").equals("done"));
        Eventually.within(PodsOnRuntime.SOON).retrying(IOException.class).until("the port", () -> run(3), _ -> true);
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private static String inside(String command) {
        return daemon.get("/run/default/web/app?cmd=" + command.replace(" ", "%20"));
    }

    private static ExecClient local() throws IOException {
        return ExecClient.local(daemon.socket);
    }

    private static ExecClient remote() throws IOException {
        return ExecClient.over(tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port));
    }

    /** Runs one command in a way that depends on a number. */
    private static String run(int number) throws Exception {
        String echo = "/exec/default/web/app?stdout=1&stderr=1&command=echo&command=hi";
        String cat = "/exec/default/web/app?stdin=1&stdout=1&command=cat";
        try (ExecClient client = number % 2 == 0 ? local() : remote()) {
            return switch (number % 5) {
                case 0 -> client.webSocket(echo, "v5.channel.k8s.io").result();
                case 1 -> client.webSocket(echo, "v4.channel.k8s.io").result();
                case 2 -> client.spdy(echo);
                case 3 -> client.webSocket(cat, "v5.channel.k8s.io").goes();
                default -> client.webSocket(cat, "v4.channel.k8s.io").goes();
            };
        }
    }

    private static void runAll(int count) throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<String>> results = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                results.add(clients.submit(() -> run(number)));
            }
            for (int i = 0; i < count; i++) {
                String result = results.get(i).get();
                String expected = i % 5 < 3 ? "hi\n{\"metadata\":{},\"status\":\"Success\"}" : "gone";
                assertEquals(expected, result.strip(), "command " + i);
            }
        }
    }

    /** Descriptors and threads of the daemon, and processes in the container. */
    private static List<Long> counts() throws IOException {
        Path process = Path.of("/proc/" + daemon.pid());
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"));
                Stream<Path> threads = Files.list(process.resolve("task"))) {
            return List.of(
                    descriptors.count(), threads.count(), inside("ps").lines().count());
        }
    }

    private static void awaitNoMoreThan(List<Long> before) throws Exception {
        Eventually.await("no more descriptors, threads and processes than " + before, () -> counts(), now -> {
            for (int i = 0; i < before.size(); i++) {
                if (now.get(i) > before.get(i)) {
                    return false;
                }
            }
            return true;
        });
    }

    @Test
    void aThousandCommandsLeaveNothingBehind() throws Exception {
        runAll(4 * CLIENTS); // what is loaded and opened once
        List<Long> before = counts();
        runAll(EXECS);
        awaitNoMoreThan(before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHundredStreamsAreOpenAtOnce(boolean local) throws Exception {
        runAll(2 * CLIENTS);
        List<Long> before = counts();
        String cat = "/exec/default/web/app?stdin=1&stdout=1&command=cat";
        List<ExecClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < STREAMS; i++) {
                ExecClient client = local ? local() : remote();
                clients.add(client);
                client.webSocket(cat, "v5.channel.k8s.io");
                client.send("hello " + i);
            }
            for (int i = 0; i < STREAMS; i++) {
                assertEquals("1hello " + i, clients.get(i).frame());
            }
            assertEquals("ok", daemon.get("/healthz"));
            assertTrue(counts().getLast() >= before.getLast() + STREAMS, () -> inside("ps"));
        } finally {
            for (ExecClient client : clients) {
                client.close();
            }
        }
        awaitNoMoreThan(before);
    }
}
