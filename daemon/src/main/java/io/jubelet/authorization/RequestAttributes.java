package io.jubelet.authorization;

import java.util.List;
import java.util.Objects;

/**
 * What a request asks for, in the words of authorization: a verb on subresources of the Node, of which one is enough.
 *
 * <p>Source: the kubelet's {@code GetRequestAttributes}, with fine-grained authorization, which 1.36 always has.
 *
 * @param verb of the API; empty for a method that has none
 * @param subresources the narrowest first
 */
record RequestAttributes(String verb, List<String> subresources) {

    private static final String PROXY = "proxy";

    RequestAttributes {
        Objects.requireNonNull(verb, "verb");
        subresources = List.copyOf(subresources);
    }

    /**
     * @param method of HTTP
     * @param path its decoded segments, none empty, by which it is also decided what is served
     */
    static RequestAttributes of(String method, List<String> path) {
        return new RequestAttributes(
                switch (method) {
                    case "POST" -> "create";
                    case "GET" -> "get";
                    case "PUT" -> "update";
                    case "PATCH" -> "patch";
                    case "DELETE" -> "delete";
                    default -> "";
                },
                switch (path.isEmpty() ? "" : path.getFirst()) {
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
}
