/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.http;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;

/**
 * Makes GET requests over HTTP/1.1: one connection each, no proxy, no compression, certificates not
 * verified. The client of the JDK keeps connections, does not allow setting the Host header, and
 * costs a thread and some megabytes.
 *
 * <p>Safe for use by many threads, which should be virtual ones because the call blocks.
 */
public final class HttpGet {

    /** Source: Go's net/http, whose limit the kubelet keeps. */
    private static final int MAX_REQUESTS = 10;

    private HttpGet() {}

    /**
     * Makes a request and follows redirects while they stay on the same host name.
     *
     * @return the last response, which may be a redirect to another host
     * @throws IOException if the server could not be reached, the response is malformed, or the
     *     deadline has passed
     */
    public static HttpResult follow(HttpRequest first, Deadline deadline) throws IOException {
        HttpRequest request = first;
        for (int made = 1; ; made++) {
            try {
                HttpResult response = once(request, deadline);
                if (!response.redirects()) {
                    return response;
                }
                HttpRequest next = request.redirected(response.location().orElseThrow());
                if (!next.host().equalsIgnoreCase(first.host())) {
                    return response;
                }
                if (made == MAX_REQUESTS) {
                    throw new IOException("stopped after 10 redirects");
                }
                request = next;
            } catch (SocketTimeoutException e) {
                throw new IOException(
                        "Get \"" + request.url() + "\": context deadline exceeded (" + e.getMessage() + ")", e);
            } catch (IllegalArgumentException | IOException e) {
                String message = e.getMessage() == null ? e.toString() : e.getMessage();
                throw new IOException("Get \"" + request.url() + "\": " + message, e);
            }
        }
    }

    private static HttpResult once(HttpRequest request, Deadline deadline) throws IOException {
        try (Socket plain = DeadlineSocket.connect(request.host(), request.port(), deadline)) {
            return request.https()
                    ? exchange(request, UnverifiedTls.over(plain, request.host(), request.port()))
                    : exchange(request, plain);
        }
    }

    private static HttpResult exchange(HttpRequest request, Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(request.head());
        out.flush();
        return HttpResult.read(new BufferedInputStream(socket.getInputStream(), 2048));
    }
}
