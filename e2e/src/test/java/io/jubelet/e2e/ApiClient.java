/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A client of an API server with the credentials of one user. */
final class ApiClient implements AutoCloseable {

    private static final char[] NO_PASSWORD = new char[0];

    private final String server;
    private final String authorization;
    private final HttpClient client;

    /**
     * @param server such as {@code https://127.0.0.1:6443}
     * @param authority the authority of the server's certificate
     * @param token a bearer token, or null
     * @param identity a client certificate, or null
     */
    ApiClient(String server, X509Certificate authority, String token, CertificateAuthority.Issued identity) {
        this.server = server;
        this.authorization = token == null ? null : "Bearer " + token;
        this.client = HttpClient.newBuilder()
                .sslContext(tls(authority, identity))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /**
     * Sends a request and waits for the whole answer.
     *
     * @param body null for none; what begins with a brace is sent as JSON, else as YAML, and that of a PATCH as a merge
     *     patch
     */
    ApiAnswer send(String method, String path, String body) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method.toUpperCase(Locale.ROOT),
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", contentType(method, body));
        }
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        HttpResponse<String> answer = exchange(request.build(), HttpResponse.BodyHandlers.ofString());
        return new ApiAnswer(answer.statusCode(), answer.body());
    }

    /** Sends a request as it is and returns when its answer begins. */
    HttpResponse<InputStream> stream(HttpRequest request) throws IOException {
        return exchange(request, HttpResponse.BodyHandlers.ofInputStream());
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) throws IOException {
        try {
            return client.send(request, handler);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String contentType(String method, String body) {
        if (method.equalsIgnoreCase("PATCH")) {
            return "application/merge-patch+json";
        }
        return body.stripLeading().startsWith("{") ? "application/json" : "application/yaml";
    }

    /** Trusts one authority, and shows a certificate where there is one. */
    static SSLContext tls(X509Certificate authority, CertificateAuthority.Issued identity) {
        try {
            KeyStore trusted = emptyStore();
            trusted.setCertificateEntry("ca", authority);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(identity == null ? null : keys(identity), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    private static KeyManager[] keys(CertificateAuthority.Issued identity) throws GeneralSecurityException {
        KeyStore own = emptyStore();
        own.setKeyEntry("own", identity.key(), NO_PASSWORD, new Certificate[] {identity.certificate()});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, NO_PASSWORD);
        return keys.getKeyManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (IOException e) {
            throw new UncheckedIOException("nothing is read", e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
