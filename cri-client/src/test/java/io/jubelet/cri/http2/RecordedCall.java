/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Records the response of a call for the thread of a test. */
final class RecordedCall implements CallListener {
    final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<GrpcStatus> end = new CompletableFuture<>();
    private final CompletableFuture<Void> begun = new CompletableFuture<>();

    @Override
    public void onHeaders() {
        begun.complete(null);
    }

    @Override
    public void onMessage(byte[] message) {
        messages.add(message);
    }

    @Override
    public void onClose(GrpcStatus status) {
        if (!end.complete(status)) {
            messages.add(new byte[] {'e', 'n', 'd', 'e', 'd', ' ', 't', 'w', 'i', 'c', 'e'});
        }
    }

    void awaitBegin() throws Exception {
        begun.get(60, TimeUnit.SECONDS);
    }

    boolean hasEnded() {
        return end.isDone();
    }

    GrpcStatus end() throws Exception {
        return end.get(60, TimeUnit.SECONDS);
    }

    GrpcStatus.Code code() throws Exception {
        return end().code();
    }
}
