package io.jubelet.api;

import java.io.IOException;

/** What is answered to callers from other machines: health, pods and logs, under the kubelet's paths. */
final class KubeletEndpoints implements Served {

    private final Endpoints endpoints;

    KubeletEndpoints(Endpoints endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    public void serve(ApiRequest request, Answer answer) throws IOException, InterruptedException {
        switch (request.path().isEmpty() ? "" : request.path().getFirst()) {
            case "healthz", "containerLogs" -> endpoints.serve(request, answer);
            case "pods" -> endpoints.allPods(answer);
            default -> throw ApiError.notFound("only /healthz, /pods and /containerLogs are served here");
        }
    }
}
