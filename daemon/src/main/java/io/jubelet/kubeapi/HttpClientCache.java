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

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final int HTTP_PORT = 80;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as is the other. */
    private HttpClient client;

    private ClientConfig clientOf;

    /** Ends what hangs, and forgets connections of which nobody knows whether they still lead anywhere. */
    void abandon() {
        lock.lock();
        try {
            if (client != null) {
                client.shutdownNow();
                client = null;
                clientOf = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The client for an access; another one once what it depends on has changed. */
    HttpClient to(ClientConfig access) {
        lock.lock();
        try {
            boolean same = clientOf != null
                    && clientOf.tls() == access.tls()
                    && clientOf.proxy().equals(access.proxy());
            if (!same) {
                if (client != null) {
                    client.shutdown();
                }
                client = newClient(access);
                clientOf = access;
            }
            return client;
        } finally {
            lock.unlock();
        }
    }

    private static HttpClient newClient(ClientConfig access) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .sslContext(access.tls());
        access.proxy()
                .map(proxy -> ProxySelector.of(
                        new InetSocketAddress(proxy.getHost(), proxy.getPort() < 0 ? HTTP_PORT : proxy.getPort())))
                .ifPresent(builder::proxy);
        if (access.serverName().isPresent() && isName(access.serverName().get())) {
            // Heeded where the host is an address; a host with a name is asked for by that name.
            SSLParameters parameters = access.tls().getDefaultSSLParameters();
            parameters.setServerNames(
                    List.of(new SNIHostName(access.serverName().get())));
            builder.sslParameters(parameters);
        }
        return builder.build();
    }

    private static boolean isName(String host) {
        return host.indexOf(':') < 0 && !host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    @Override
    public void close() {
        abandon();
    }
}
