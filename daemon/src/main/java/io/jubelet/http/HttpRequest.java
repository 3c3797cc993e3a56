/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.http;

import io.jubelet.pod.Handler;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A GET request.
 *
 * @param https whether to use TLS
 * @param host name or address to connect to, without brackets
 * @param port to connect to
 * @param target path and query as sent, percent-encoded where needed
 * @param hostHeader the value of the header {@code Host}
 * @param headers all other headers, in the order in which they are sent
 */
public record HttpRequest(
        boolean https, String host, int port, String target, String hostHeader, List<Handler.Header> headers) {

    /**
     * Headers of the user that are not sent, because they describe the transfer. Source: Go's
     * net/http, as used by the kubelet.
     */
    private static final Set<String> NOT_SENT =
            Set.of("host", "content-length", "transfer-encoding", "trailer", "connection");

    public HttpRequest {
        headers = List.copyOf(headers);
    }

    /**
     * Creates the request of a handler. Headers of the user replace the defaults of {@code
     * User-Agent} and {@code Accept}, and an explicitly empty value removes them. Source: the
     * Kubernetes task page on probes, "HTTP probes".
     *
     * @param address where to connect if the handler has no host
     * @param port the port of the handler as a number
     * @param userAgent the default user agent
     */
    public static HttpRequest of(Handler.HttpGet get, String address, int port, String userAgent) {
        String host = get.host().isEmpty() ? address : get.host();
        List<Handler.Header> headers = new ArrayList<>(get.headers().size() + 2);
        addDefault(headers, get, "User-Agent", userAgent);
        addDefault(headers, get, "Accept", "*/*");
        for (Handler.Header header : get.headers()) {
            if (!NOT_SENT.contains(header.name().toLowerCase(Locale.ROOT))
                    && !(header.value().isEmpty() && hasDefault(header))) {
                headers.add(header);
            }
        }
        String hostHeader = first(get, "Host").filter(value -> !value.isEmpty()).orElse(authority(host, port));
        return new HttpRequest(get.https(), host, port, encoded(get.path()), hostHeader, headers);
    }

    private static boolean hasDefault(Handler.Header header) {
        return header.name().equalsIgnoreCase("User-Agent") || header.name().equalsIgnoreCase("Accept");
    }

    private static void addDefault(List<Handler.Header> headers, Handler.HttpGet get, String name, String value) {
        if (first(get, name).isEmpty()) {
            headers.add(new Handler.Header(name, value));
        }
    }

    private static Optional<String> first(Handler.HttpGet get, String name) {
        for (Handler.Header header : get.headers()) {
            if (header.name().equalsIgnoreCase(name)) {
                return Optional.of(header.value());
            }
        }
        return Optional.empty();
    }

    /**
     * Creates the request that follows a redirect to {@code location}. A Host header of the user is
     * kept only if the location has no host. Source: Go's net/http.
     *
     * @throws IllegalArgumentException if the location is not an HTTP or HTTPS URL
     */
    HttpRequest redirected(String location) {
        URI next = URI.create(url()).resolve(encoded(location));
        String scheme = next.getScheme() == null ? "" : next.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("unsupported protocol scheme \"" + scheme + "\"");
        }
        if (next.getHost() == null) {
            throw new IllegalArgumentException("no host in " + next);
        }
        boolean tls = scheme.equals("https");
        int nextPort = next.getPort() >= 0 ? next.getPort() : tls ? 443 : 80;
        String path = next.getRawPath().isEmpty() ? "/" : next.getRawPath();
        boolean relative = URI.create(encoded(location)).getHost() == null;
        return new HttpRequest(
                tls,
                unbracketed(next.getHost()),
                nextPort,
                next.getRawQuery() == null ? path : path + "?" + next.getRawQuery(),
                relative ? hostHeader : next.getRawAuthority(),
                headers);
    }

    /** The URL, for messages and as the base of redirects. */
    String url() {
        return (https ? "https://" : "http://") + authority(host, port) + target;
    }

    /** {@code host:port}, with brackets around an IPv6 address. */
    static String authority(String host, int port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** Removes the fragment, which is never sent, and percent-encodes what a URL cannot contain. */
    private static String encoded(String url) {
        int fragment = url.indexOf('#');
        String sent = fragment < 0 ? url : url.substring(0, fragment);
        StringBuilder out = new StringBuilder(sent.length() + 16);
        for (byte b : sent.getBytes(StandardCharsets.UTF_8)) {
            int c = b & 0xff;
            if (c <= ' ' || c >= 0x7f || "\"<>\\^`{|}".indexOf(c) >= 0) {
                out.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
                out.append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
            } else {
                out.append((char) c);
            }
        }
        return out.toString();
    }

    /** The head as sent, including the empty line. */
    byte[] head() {
        StringBuilder out = new StringBuilder(256);
        out.append("GET ").append(target).append(" HTTP/1.1\r\n");
        header(out, "Host", hostHeader);
        for (Handler.Header header : headers) {
            header(out, header.name(), header.value());
        }
        return out.append("Connection: close\r\n\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Replaces line breaks in the value, because they would start another header. */
    private static void header(StringBuilder out, String name, String value) {
        out.append(name).append(": ");
        out.append(value.replace('\r', ' ').replace('\n', ' ').strip()).append("\r\n");
    }
}
