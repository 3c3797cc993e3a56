/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How to reach an API server and how to authenticate, like client-go's {@code rest.Config}.
 * Immutable. Connections are reused while {@code tls} and {@code proxy} stay the same.
 *
 * @param server the URL: {@code https://} or {@code http://}, a host, and optionally a port and a
 *     path
 * @param tls the trusted authorities and the client certificate, if any; the same object while
 *     neither changes
 * @param serverName the server name for TLS, if it differs from the host of {@code server}
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

    /** Omits the token. */
    @Override
    public String toString() {
        return server + (token.isPresent() ? " with a token" : "");
    }
}
