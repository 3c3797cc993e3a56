/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import java.io.IOException;
import java.util.Optional;

/** Serves the requests of a server, each on a thread of its own, which can block. */
public interface RequestHandler {

    /**
     * Checks whether the client has access, before anything else is done.
     *
     * @param head of a request with any method
     * @return the user, for the log, if the client has proved who it is, so that its connection counts as trusted from now on
     * @throws ApiError if it has no access
     */
    default Optional<String> authorize(Channel channel, HttpRequest head, ApiRequest request)
            throws InterruptedException {
        return Optional.empty();
    }

    /**
     * Whether a request acts in a pod, so that the right to read is not enough on the local socket. Cheap, and called before
     * {@link #serve}.
     */
    default boolean acts(ApiRequest request) {
        return false;
    }

    /**
     * Whether POST is served for a request as GET is. Otherwise the client gets status 405.
     */
    default boolean acceptsPost(ApiRequest request) {
        return false;
    }

    /**
     * How many bytes of the body of a request the handler reads at most; 0 if the body is discarded. A longer one is refused.
     * Called on the loop thread, before the client has access.
     */
    default int bodyLimit(HttpRequest head) {
        return 0;
    }

    /**
     * Whether the request lines of its clients can hold a command. Cheap, and called for each connection.
     */
    default boolean acceptsLongLines() {
        return false;
    }

    /**
     * Serves a request that was authorized: GET, HEAD, or POST where it is accepted. HEAD needs no code of its own, because
     * the response sends no body then.
     *
     * @param response ends when this method returns, unless its connection was taken over
     * @throws ApiError if the request fails; its status is sent if the response has not begun
     * @throws InterruptedException if the client closed the connection, or the server stops
     */
    void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException;
}
