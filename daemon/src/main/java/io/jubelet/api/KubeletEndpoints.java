/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Serves the paths of the kubelet to other machines: health, pods, logs, and what further handlers serve.
 *
 * <p>The authorizer and {@link #handler} get the same list of segments, so what is judged is what is served. A path is served
 * only if all of its segments are those of a handler: nothing is resolved, decoded twice or compared without case.
 */
final class KubeletEndpoints implements RequestHandler {

    private static final String BEARER = "bearer ";

    /** What the kubelet answers with 405 where its debugging handlers are disabled. */
    private static final Set<String> DISABLED_WITH_MESSAGE =
            Set.of("run", "exec", "attach", "portForward", "containerLogs", "runningpods", "logs", "debug");

    /** What is served even then. */
    private static final Set<String> ALWAYS = Set.of("healthz", "pods", "stats", "metrics");

    /** The names of the kubelet's checks, in its order. */
    private static final List<String> CHECKS = List.of("ping", "log", "syncloop");

    private final Endpoints endpoints;
    private final Optional<RequestAuthorizer> authorizer;
    private final boolean debugging;
    private final Map<String, RequestHandler> handlers;

    /**
     * @param authorizer empty where everyone is served
     * @param debugging whether more is served than health, pods and measurements
     * @param further handlers of more paths, by the first segment
     */
    KubeletEndpoints(
            Endpoints endpoints,
            Optional<RequestAuthorizer> authorizer,
            boolean debugging,
            Map<String, RequestHandler> further) {
        this.endpoints = Objects.requireNonNull(endpoints, "endpoints");
        this.authorizer = Objects.requireNonNull(authorizer, "authorizer");
        this.debugging = debugging;
        Map<String, RequestHandler> all = new HashMap<>(further);
        all.put("healthz", this::healthz);
        all.put("containerLogs", endpoints);
        all.put("pods", (request, response) -> {
            requireSegments(request, 1);
            endpoints.allPods(response);
        });
        this.handlers = Map.copyOf(all);
    }

    @Override
    public Optional<String> authorize(Channel channel, HttpRequest head, ApiRequest request)
            throws InterruptedException {
        if (authorizer.isEmpty()) {
            return Optional.empty();
        }
        RequestAuthorizer.Call call = new RequestAuthorizer.Call(
                certificates(channel),
                token(head.headers().get(HttpHeaderNames.AUTHORIZATION)),
                head.method().name(),
                request.path());
        return switch (authorizer.get().authorize(call)) {
            case RequestAuthorizer.Decision.Allowed(String user) -> Optional.of("user " + user);
            case RequestAuthorizer.Decision.Unauthenticated(String message) -> throw ApiError.unauthorized(message);
            case RequestAuthorizer.Decision.Forbidden(String message) -> throw ApiError.forbidden(message);
            case RequestAuthorizer.Decision.Unavailable(String message) -> throw ApiError.internal(message);
        };
    }

    private static List<X509Certificate> certificates(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        List<X509Certificate> certificates = new ArrayList<>();
        if (tls != null) {
            try {
                for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
                    certificates.add((X509Certificate) certificate);
                }
            } catch (SSLPeerUnverifiedException _) {
                return List.of(); // the caller shows none
            }
        }
        return certificates;
    }

    /** @param header may be null */
    private static Optional<String> token(String header) {
        if (header == null || !header.strip().regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.empty();
        }
        return Optional.of(header.strip().substring(BEARER.length()).strip()).filter(token -> !token.isEmpty());
    }

    @Override
    public boolean acceptsPost(ApiRequest request) {
        return handler(request).acceptsPost(request);
    }

    @Override
    public boolean acceptsLongLines() {
        return authorizer.isPresent() && debugging;
    }

    @Override
    public void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        handler(request).serve(request, response);
    }

    private RequestHandler handler(ApiRequest request) {
        String first = request.path().isEmpty() ? "" : request.path().getFirst();
        if (!debugging && DISABLED_WITH_MESSAGE.contains(first)) {
            throw ApiError.methodNotAllowed("Debug endpoints are disabled.");
        }
        RequestHandler handler = debugging || ALWAYS.contains(first) ? handlers.get(first) : null;
        if (handler == null) {
            throw unknown();
        }
        return handler;
    }

    /**
     * Fails unless the path of a request has so many segments.
     *
     * @throws ApiError a resource that was not found
     */
    private static void requireSegments(ApiRequest request, int count) {
        if (request.path().size() != count) {
            throw unknown();
        }
    }

    private static ApiError unknown() {
        return ApiError.notFound("there is nothing at this path of the kubelet's port");
    }

    /** The checks of the kubelet, each below {@code /healthz} as well. The reason of a failure is shown there alone. */
    private void healthz(ApiRequest request, ApiResponse response) throws IOException {
        List<String> path = request.path();
        if (path.size() == 1) {
            allChecks(request, response);
            return;
        }
        requireSegments(request, 2);
        if (!CHECKS.contains(path.get(1))) {
            throw unknown();
        }
        Optional<String> trouble = trouble(path.get(1));
        text(
                response,
                trouble.isEmpty() ? 200 : 500,
                trouble.map(why -> "internal server error: " + why + "\n").orElse("ok"));
    }

    private void allChecks(ApiRequest request, ApiResponse response) throws IOException {
        List<String> excluded = request.query().getOrDefault("exclude", List.of());
        StringBuilder report = new StringBuilder();
        boolean failed = false;
        for (String check : CHECKS) {
            boolean fails = !excluded.contains(check) && trouble(check).isPresent();
            failed |= fails;
            report.append(fails ? "[-]" : "[+]").append(check).append(excluded.contains(check) ? " excluded:" : "");
            report.append(fails ? " failed: reason withheld\n" : " ok\n");
        }
        if (failed) {
            text(response, 500, report + "healthz check failed\n");
        } else {
            text(response, 200, request.query().containsKey("verbose") ? report + "healthz check passed\n" : "ok");
        }
    }

    /** A daemon that answers is alive and can log; its loops can be stuck. */
    private Optional<String> trouble(String check) {
        return check.equals("syncloop") ? endpoints.trouble() : Optional.empty();
    }

    private static void text(ApiResponse response, int code, String text) throws IOException {
        response.head(code, "text/plain; charset=utf-8");
        response.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
