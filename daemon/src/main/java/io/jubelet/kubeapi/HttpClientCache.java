package io.jubelet.kubeapi;

import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;

/** The connections to an API server, kept for as long as they are of use. Safe for use by many threads. */
final class HttpClientCache implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int HTTP_PORT = 80;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as is the other. */
    private HttpClient client;

    private ClientConfig clientConfig;

    /** Ends what hangs, and forgets connections of which nobody knows whether they still lead anywhere. */
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

    /** The client for an access; another one once what it depends on has changed. */
    HttpClient clientFor(ClientConfig config) {
        lock.lock();
        try {
            boolean same = clientConfig != null
                    && clientConfig.tls() == config.tls()
                    && clientConfig.proxy().equals(config.proxy());
            if (!same) {
                if (client != null) {
                    client.shutdown();
                }
                client = newClient(config);
                clientConfig = config;
            }
            return client;
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
                .map(proxy -> ProxySelector.of(
                        new InetSocketAddress(proxy.getHost(), proxy.getPort() < 0 ? HTTP_PORT : proxy.getPort())))
                .ifPresent(builder::proxy);
        if (config.serverName().isPresent() && isName(config.serverName().get())) {
            // Heeded where the host is an address; a host with a name is asked for by that name.
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
