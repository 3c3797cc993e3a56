/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import io.jubelet.api.RequestHandler;
import io.jubelet.cri.CriException;
import io.jubelet.document.JsonText;
import io.jubelet.objects.RunningPodsJson;
import io.jubelet.observed.RunningPods;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What the kubelet's ports serve besides health, pods and logs. Not loaded where no such port is configured. */
final class KubeletHandlers {

    private KubeletHandlers() {}

    /** The handlers of the port for authorized clients, by the first segment of the path. */
    static Map<String, RequestHandler> secured(Wiring parts) {
        Map<String, RequestHandler> handlers = new HashMap<>(parts.metrics.byPath());
        handlers.putAll(parts.streams.byPath());
        String configuration = parts.config.kubeletConfiguration().orElseThrow();
        handlers.put("configz", (request, response) -> {
            requireFirstOnly(request);
            json(
                    response,
                    JsonText.write(out -> {
                                out.writeStartObject();
                                out.writeFieldName("kubeletconfig");
                                out.writeRawValue(configuration);
                                out.writeEndObject();
                            })
                            + "\n");
        });
        RunningPods running = new RunningPods(parts.runtimes.runtime(), parts.nodes);
        handlers.put("runningpods", (request, response) -> {
            requireFirstOnly(request);
            try {
                json(response, RunningPodsJson.list(running.list()) + "\n");
            } catch (CriException e) {
                throw ApiError.internal("the runtime cannot list what runs: " + e.getMessage());
            }
        });
        return handlers;
    }

    private static void requireFirstOnly(ApiRequest request) {
        if (request.path().size() != 1) {
            throw ApiError.notFound("there is nothing below /" + request.path().getFirst());
        }
    }

    private static void json(ApiResponse response, String text) throws IOException {
        response.head(200, "application/json");
        response.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
