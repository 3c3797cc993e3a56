/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PemText;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The API of a node over TLS, with the client certificate that the server has made. */
abstract class ServedKubernetesApi {

    @TempDir
    Path directory;

    final ServedNode node = new ServedNode();
    KubernetesApi api;
    int port;

    @BeforeEach
    void serve() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        open();
        // It listens in a moment, or, when the port was taken, after some seconds.
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .retrying(IOException.class)
                .until("an answer of the server", () -> get("/healthz").statusCode(), code -> code == 200);
    }

    void open() throws IOException {
        api = new KubernetesApi(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                directory,
                node.content("line"),
                InstantSource.system());
        api.start();
    }

    @AfterEach
    void close() {
        api.close();
    }

    HttpClient client(boolean withCertificate) throws IOException {
        Optional<KeyAndCertificates> identity = withCertificate
                ? Optional.of(KeyAndCertificates.read(directory.resolve("client.crt"), directory.resolve("client.key")))
                : Optional.empty();
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(TlsContexts.client(
                        new TrustPolicy.Authorities(Certificates.read(PemText.read(directory.resolve("ca.crt")))),
                        Optional.empty(),
                        identity))
                .build();
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return send("GET", path, headers);
    }

    HttpResponse<String> send(String method, String path, String... headers) throws IOException, InterruptedException {
        return send(method, path, new byte[0], headers);
    }

    HttpResponse<String> send(String method, String path, byte[] body, String... headers)
            throws IOException, InterruptedException {
        try (HttpClient client = client(true)) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                    .method(
                            method,
                            body.length == 0
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofByteArray(body));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(found -> found.group(1)).toList();
    }

    static List<String> names(HttpResponse<String> list) {
        return all(Pattern.compile("\"metadata\":\\{\"name\":\"([^\"]+)\""), list.body());
    }

    static String version(HttpResponse<String> list) {
        Matcher version = Pattern.compile("\"metadata\":\\{\"resourceVersion\":\"(\\d+)\"")
                .matcher(list.body());
        assertTrue(version.find(), list::body);
        return version.group(1);
    }
}
