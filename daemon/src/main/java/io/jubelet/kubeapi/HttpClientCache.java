/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Caches the HttpClient, and so the connections, for the current {@link ClientConfig}. Safe for use
 * by many threads.
 */
final class HttpClientCache implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int HTTP_PORT = 80;

    private final ReentrantLock lock = new ReentrantLock();
    /** Null before the first request. Guarded by the lock, as is {@code clientConfig}. */
    private @Nullable HttpClient client;

    private @Nullable ClientConfig clientConfig;

    /** Cancels pending requests and closes all connections, which may be dead. */
    void reset() {
        lock.lock();
        try {
            if (client != null) {
                client.shutdownNow();
                client = null;
                clientConfig = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the client for a configuration; a new one if its TLS context or its proxy differs.
     */
    HttpClient clientFor(ClientConfig config) {
        lock.lock();
        try {
            HttpClient previous = client;
            if (previous != null
                    && clientConfig != null
                    && clientConfig.tls() == config.tls()
                    && clientConfig.proxy().equals(config.proxy())) {
                return previous;
            }
            if (previous != null) {
                previous.shutdown();
            }
            HttpClient created = newClient(config);
            client = created;
            clientConfig = config;
            return created;
        } finally {
            lock.unlock();
        }
    }

    private static HttpClient newClient(ClientConfig config) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .sslContext(config.tls());
        config.proxy()
                // The client resolves the name on a platform thread; a lookup can take long.
                .map(proxy -> ProxySelector.of(InetSocketAddress.createUnresolved(
                        proxy.getHost(), proxy.getPort() < 0 ? HTTP_PORT : proxy.getPort())))
                .ifPresent(builder::proxy);
        if (config.serverName().isPresent() && isName(config.serverName().get())) {
            // Takes effect only if the host is an IP address; the JDK sends a host name as SNI
            // otherwise.
            SSLParameters parameters = config.tls().getDefaultSSLParameters();
            parameters.setServerNames(
                    List.of(new SNIHostName(config.serverName().get())));
            builder.sslParameters(parameters);
        }
        return builder.build();
    }

    private static boolean isName(String host) {
        return host.indexOf(':') < 0 && !host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    @Override
    public void close() {
        reset();
    }
}
