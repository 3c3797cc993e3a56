/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

/**
 * Receives the response of a call. The methods run on the thread of the connection and must not
 * block.
 */
public interface CallListener {

    /**
     * The response has started: the server accepts the call. Not called for a response of trailers
     * only.
     */
    void onHeaders();

    /** A message of the response has arrived; the array belongs to the listener. */
    void onMessage(byte[] message);

    /** The call has ended. Called exactly once, after all other methods. */
    void onClose(GrpcStatus status);
}
