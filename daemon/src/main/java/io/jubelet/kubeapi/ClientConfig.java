package io.jubelet.kubeapi;

import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How to reach an API server now, and what to show it. Connections are kept for as long as {@code tls} and {@code proxy} are
 * the same.
 *
 * @param server {@code https://} or {@code http://}, a host, and perhaps a port and a path
 * @param tls whom to trust, and the client certificate if there is one; the same object as long as nothing of it changed
 * @param serverName whom to ask for in TLS, if not for the host of {@code server}
 * @param token a bearer token
 * @param proxy an HTTP proxy
 */
public record ClientConfig(
        URI server, SSLContext tls, Optional<String> serverName, Optional<String> token, Optional<URI> proxy) {

    public ClientConfig {
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(serverName, "serverName");
        Objects.requireNonNull(token, "token");
        Objects.requireNonNull(proxy, "proxy");
    }

    /** Tells nothing of the token. */
    @Override
    public String toString() {
        return server + (token.isPresent() ? " with a token" : "");
    }
}
