/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import java.io.IOException;

/** Serves the requests of a server, each on a thread of its own, which can block. */
interface RequestHandler {

    /**
     * Checks whether the client has access, before anything else is done.
     *
     * @param head of a request with any method
     * @return whether the client has proved who it is, so that its connection counts as trusted from now on
     * @throws ApiError if it has no access
     */
    default boolean authorize(Channel channel, HttpRequest head, ApiRequest request) throws InterruptedException {
        return false;
    }

    /** Serves a GET request. */
    void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException;
}
