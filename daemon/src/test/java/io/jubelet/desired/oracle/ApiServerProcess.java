package io.jubelet.desired.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** A real kube-apiserver with its etcd, on free ports of the loopback, everything below one directory. */
final class ApiServerProcess implements AutoCloseable {

    private static final Duration READY = Duration.ofMinutes(3);

    private final Path directory;
    private final List<Process> processes = new ArrayList<>();
    private final String token = UUID.randomUUID().toString();
    private final HttpClient client;
    private final int port;

    /** Starts both and waits until the API server says that it is ready. */
    ApiServerProcess(Path etcd, Path apiServer, Path directory) throws IOException {
        this.directory = directory;
        port = freePort();
        client = client();
        try {
            int etcdPort = freePort();
            int peerPort = freePort();
            start(
                    "etcd",
                    etcd.toString(),
                    "--data-dir=" + directory.resolve("etcd"),
                    "--unsafe-no-fsync",
                    "--listen-client-urls=http://127.0.0.1:" + etcdPort,
                    "--advertise-client-urls=http://127.0.0.1:" + etcdPort,
                    "--listen-peer-urls=http://127.0.0.1:" + peerPort,
                    "--initial-advertise-peer-urls=http://127.0.0.1:" + peerPort,
                    "--initial-cluster=default=http://127.0.0.1:" + peerPort);
            Path tokens = Files.writeString(directory.resolve("tokens.csv"), token + ",oracle,1,system:masters\n");
            Path key = Files.writeString(directory.resolve("accounts.pem"), privateKey());
            // The API server gives up when etcd does not answer soon after its start.
            awaitPort(etcdPort);
            start(
                    "kube-apiserver",
                    apiServer.toString(),
                    "--etcd-servers=http://127.0.0.1:" + etcdPort,
                    "--bind-address=127.0.0.1",
                    "--secure-port=" + port,
                    "--cert-dir=" + directory.resolve("certificates"),
                    "--token-auth-file=" + tokens,
                    "--authorization-mode=AlwaysAllow",
                    // As the kubelet does for itself.
                    "--allow-privileged=true",
                    "--service-account-issuer=https://oracle.invalid",
                    "--service-account-key-file=" + key,
                    "--service-account-signing-key-file=" + key,
                    "--service-cluster-ip-range=10.0.0.0/24",
                    "--endpoint-reconciler-type=none",
                    // Off by default; Jubelet honours it.
                    "--feature-gates=ContainerStopSignals=true",
                    // These ask for objects that a cluster has, and set what no manifest asked for.
                    "--disable-admission-plugins=ServiceAccount,Priority,DefaultTolerationSeconds,RuntimeClass,"
                            + "LimitRanger,ResourceQuota,NamespaceLifecycle,PodTopologyLabels,PodSecurity");
            awaitReady();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void start(String name, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile());
        builder.environment().clear();
        processes.add(builder.start());
    }

    private void awaitPort(int number) throws IOException {
        await("etcd", () -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), number)) {
                return socket.isConnected();
            } catch (IOException _) {
                return false;
            }
        });
    }

    private void awaitReady() throws IOException {
        await("kube-apiserver", () -> {
            try {
                return send(request("/readyz").GET().build()).statusCode() == 200;
            } catch (IOException _) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        });
    }

    private void await(String name, java.util.function.BooleanSupplier ready) throws IOException {
        long end = System.nanoTime() + READY.toNanos();
        while (!ready.getAsBoolean()) {
            Process process = processes.getLast();
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IOException(name + " did not become ready: " + logEnd(name));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    private String logEnd(String name) throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve(name + ".log"));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    /** What it says to the creation of a pod, which it does not keep. */
    HttpResponse<String> create(String namespace, String pod) throws IOException, InterruptedException {
        return send(request("/api/v1/namespaces/" + namespace + "/pods?dryRun=All&fieldValidation=Strict")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(pod))
                .build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + token)
                .timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String privateKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
            return "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }

    /** It makes a certificate of its own at its start; who answers on our port of the loopback is not in doubt. */
    private static HttpClient client() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustsAll()}, null);
            return HttpClient.newBuilder()
                    .sslContext(context)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        for (Process process : processes.reversed()) {
            process.destroyForcibly();
        }
        for (Process process : processes) {
            try {
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    throw new UncheckedIOException(new IOException(process + " does not end"));
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static final class TrustsAll extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
