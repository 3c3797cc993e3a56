/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import io.jubelet.api.RequestHandler;
import io.jubelet.streaming.StreamEndpoints;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Serves exec, attach, port-forward and run. Loads what serves them at the first request. */
final class StreamHandler implements RequestHandler {

    private final Wiring parts;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock. */
    private @Nullable StreamEndpoints endpoints;

    StreamHandler(Wiring parts) {
        this.parts = parts;
    }

    /** This handler for each path that it serves, by the first segment. */
    Map<String, RequestHandler> byPath() {
        return Map.of("exec", this, "attach", this, "portForward", this, "run", this);
    }

    @Override
    public boolean acts(ApiRequest request) {
        return true;
    }

    @Override
    public boolean acceptsPost(ApiRequest request) {
        return true;
    }

    @Override
    public void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        endpoints().serve(request, response);
    }

    private StreamEndpoints endpoints() {
        lock.lock();
        try {
            if (endpoints == null) {
                endpoints = new StreamEndpoints(parts.statusStore, parts.runtimes.runtime());
            }
            return endpoints;
        } finally {
            lock.unlock();
        }
    }
}
