/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.authorization;

import java.util.List;
import java.util.Objects;

/**
 * The attributes of a request for authorization: a verb, and subresources of the Node, one of which
 * must be allowed.
 *
 * <p>The subresources are those of the kubelet's fine-grained authorization (KEP-2862), which
 * Kubernetes 1.36 always has enabled. The verb is that of the kubelet too, with two exceptions: what
 * acts in a pod needs {@code create} whatever the HTTP method, because a WebSocket begins with GET and
 * the right to read would be enough to run commands (kubernetes/kubernetes#136550); and HEAD is judged
 * as GET, of which it shows less.
 *
 * @param verb the API verb; empty for an HTTP method that has none
 * @param subresources the sufficient subresources, the narrowest first
 */
record RequestAttributes(String verb, List<String> subresources) {

    private static final String PROXY = "proxy";

    RequestAttributes {
        Objects.requireNonNull(verb, "verb");
        subresources = List.copyOf(subresources);
    }

    /**
     * @param method the HTTP method
     * @param path the decoded segments of the path, none of them empty; the same segments select
     *     the handler
     */
    static RequestAttributes of(String method, List<String> path) {
        String first = path.isEmpty() ? "" : path.getFirst();
        return new RequestAttributes(
                switch (first) {
                    case "exec", "attach", "run", "portForward" -> "create";
                    default -> verb(method);
                },
                switch (first) {
                    case "pods", "runningpods" -> List.of("pods", PROXY);
                    case "healthz" -> List.of("healthz", PROXY);
                    case "configz" -> List.of("configz", PROXY);
                    case "stats" -> List.of("stats");
                    case "metrics" -> List.of("metrics");
                    case "logs" -> List.of("log");
                    case "checkpoint" -> List.of("checkpoint");
                    case "statusz" -> List.of("statusz");
                    case "flagz" -> List.of("configz");
                    default -> List.of(PROXY);
                });
    }

    private static String verb(String method) {
        return switch (method) {
            case "POST" -> "create";
            case "GET", "HEAD" -> "get";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> "";
        };
    }
}
