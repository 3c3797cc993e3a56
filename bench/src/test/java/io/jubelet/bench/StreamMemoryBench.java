/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.e2e.CertificateAuthority;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Measures the memory that the kubelet's port and the streams through it take, one idle command after the other. */
final class StreamMemoryBench {
    private static final int STREAMS = 100;
    private static final int SETTLE_SECONDS = 15;
    private static final int SETTLE_STREAMS_SECONDS = 5;
    private static final char[] PASSWORD = {};

    /** What serves streams and ports to others, and TLS. */
    private static final Pattern CLASSES = Pattern.compile(
            "io\\.jubelet\\.(streaming|remotecommand|kubernetesapi|authorization)\\.|io\\.jubelet\\.api\\.(Kubelet|TcpPort)"
                    + "|io\\.netty\\.handler\\.(ssl|codec\\.spdy|codec\\.http\\.websocketx)\\.");

    private final RuntimeView view;
    private final Results results;
    private final Progress progress;

    StreamMemoryBench(RuntimeView view, Results results, Progress progress) {
        this.view = view;
        this.results = results;
        this.progress = progress;
    }

    /** A kubelet's port for the owner of one certificate. */
    record Port(int number, CertificateAuthority.Issued authority, CertificateAuthority.Issued client) {

        static Port free() throws IOException {
            CertificateAuthority authority = new CertificateAuthority("bench");
            Instant now = Instant.now();
            try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return new Port(
                        any.getLocalPort(),
                        authority.own(),
                        authority.client("bench", List.of(), now.minusSeconds(60), now.plusSeconds(86_400)));
            }
        }

        /** Writes the configuration of the daemon into its workspace, and returns the file. */
        Path configuration(Path directory) throws IOException {
            Files.writeString(directory.resolve("ca.crt"), authority.certificatePem());
            return Files.writeString(directory.resolve("kubelet.yaml"), """
                    apiVersion: kubelet.config.k8s.io/v1beta1
                    kind: KubeletConfiguration
                    address: 127.0.0.1
                    port: PORT
                    authentication: {x509: {clientCAFile: ca.crt}}
                    authorization: {mode: AlwaysAllow}
                    """.replace("PORT", Integer.toString(number)));
        }

        /** The context of a client that trusts the certificate which the daemon made for itself. */
        SSLContext tls(Path directory) throws GeneralSecurityException, IOException {
            KeyStore own = emptyStore();
            own.setKeyEntry("client", client.key(), PASSWORD, new Certificate[] {client.certificate()});
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, PASSWORD);
            KeyStore trusted = emptyStore();
            try (InputStream in = Files.newInputStream(directory.resolve("pki/kubelet.crt"))) {
                for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    trusted.setCertificateEntry(
                            ((X509Certificate) each).getSubjectX500Principal().getName(), each);
                }
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        }

        private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        }
    }

    void withoutPort(AgentProcess daemon) throws Exception {
        view.awaitStarted(1, AgentBench.TIMEOUT);
        Thread.sleep(Duration.ofSeconds(SETTLE_SECONDS));
        add(daemon, Metric.NO_PORT_RSS, Metric.NO_PORT_ANON);
        long classes = daemon.loadedClasses()
                .filter(line -> CLASSES.matcher(line).find())
                .count();
        results.add(Metric.STREAM_CLASSES, Subject.JUBELET, Samples.of(classes));
    }

    void withPort(AgentProcess daemon, BusyboxPod pod, Port port) throws Exception {
        Path directory = daemon.workspace().directory();
        view.awaitStarted(1, AgentBench.TIMEOUT);
        Eventually.await("the certificate of the port", () -> Files.exists(directory.resolve("pki/kubelet.crt")));
        Thread.sleep(Duration.ofSeconds(SETTLE_SECONDS));
        add(daemon, Metric.PORT_RSS, Metric.PORT_ANON);
        SSLContext tls = port.tls(directory);
        String target = "/exec/default/" + pod.fullName() + "/main?command=cat&input=1&output=1&error=1";
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 1; i <= STREAMS; i++) {
                Socket socket = tls.getSocketFactory().createSocket();
                open.add(socket);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port.number()));
                CommandStream.start(socket.getInputStream(), socket.getOutputStream(), target, CommandStream.V5);
                if (i == 1) {
                    Thread.sleep(Duration.ofSeconds(SETTLE_STREAMS_SECONDS));
                    add(daemon, Metric.STREAM_1_RSS, Metric.STREAM_1_ANON);
                }
            }
            Thread.sleep(Duration.ofSeconds(SETTLE_STREAMS_SECONDS));
            add(daemon, Metric.STREAM_100_RSS, Metric.STREAM_100_ANON);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    private void add(AgentProcess daemon, Metric rss, Metric anonymous) throws IOException {
        ProcessUsage usage = daemon.usage();
        results.add(rss, Subject.JUBELET, Samples.of(usage.rss()));
        results.add(anonymous, Subject.JUBELET, Samples.of(usage.anonymous()));
        progress.print("%s: %.1f MiB, %.1f of it anonymous", rss.title(), usage.rss(), usage.anonymous());
    }
}
