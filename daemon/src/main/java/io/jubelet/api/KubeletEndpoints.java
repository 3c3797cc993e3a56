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
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Serves the paths of the kubelet to other machines: health, pods and logs. */
final class KubeletEndpoints implements RequestHandler {

    private static final String BEARER = "bearer ";

    private final Endpoints endpoints;
    private final RequestAuthorizer authorizer;
    private final boolean logs;

    /** @param logs whether the logs of containers are served */
    KubeletEndpoints(Endpoints endpoints, RequestAuthorizer authorizer, boolean logs) {
        this.endpoints = Objects.requireNonNull(endpoints, "endpoints");
        this.authorizer = Objects.requireNonNull(authorizer, "authorizer");
        this.logs = logs;
    }

    @Override
    public boolean authorize(Channel channel, HttpRequest head, ApiRequest request) throws InterruptedException {
        RequestAuthorizer.Call call = new RequestAuthorizer.Call(
                certificates(channel),
                token(head.headers().get(HttpHeaderNames.AUTHORIZATION)),
                head.method().name(),
                request.path());
        return switch (authorizer.authorize(call)) {
            case RequestAuthorizer.Decision.Allowed() -> true;
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
    public void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        switch (request.path().isEmpty() ? "" : request.path().getFirst()) {
            case "healthz" -> endpoints.serve(request, response);
            case "containerLogs" -> {
                if (!logs) {
                    throw ApiError.methodNotAllowed("Debug endpoints are disabled.");
                }
                endpoints.serve(request, response);
            }
            case "pods" -> endpoints.allPods(response);
            default -> throw ApiError.notFound("only /healthz, /pods and /containerLogs are served here");
        }
    }
}
