package io.jubelet.api;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import java.io.IOException;

/** What a server answers; any thread, which may block. */
interface RequestHandler {

    /**
     * Throws what is to be answered when the caller may not have what is asked for; asked before anything else is told.
     *
     * @param head with any method
     */
    default void admit(Channel channel, HttpRequest head, ApiRequest request) throws InterruptedException {}

    /** Answers a GET. */
    void serve(ApiRequest request, ApiResponse answer) throws IOException, InterruptedException;
}
