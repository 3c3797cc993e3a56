/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.authorization;

import io.jubelet.api.RequestAuthorizer;
import io.jubelet.kubeapi.KubeApiException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/**
 * Authenticates and authorizes requests as the kubelet does: by the client certificate or else by
 * the bearer token; then with SubjectAccessReviews, one for each sufficient subresource until one
 * is allowed. Safe for use by many threads.
 */
public final class DelegatedAuthorizer implements RequestAuthorizer {

    /** Limits the load that callers of this kubelet put on the API server. */
    private static final int MAX_CONCURRENT_REVIEWS = 8;

    private final Predicate<List<X509Certificate>> trusted;
    private final Optional<TokenReviews> tokens;
    private final Optional<SubjectAccessReviews> reviews;
    private final String node;
    private final Semaphore permits = new Semaphore(MAX_CONCURRENT_REVIEWS, true);

    /**
     * How long responses of the API server are cached.
     *
     * @param token results of TokenReviews
     * @param allowed positive results of SubjectAccessReviews
     * @param denied negative results of SubjectAccessReviews
     */
    public record Ttl(Duration token, Duration allowed, Duration denied) {
        public Ttl {
            Objects.requireNonNull(token, "token");
            Objects.requireNonNull(allowed, "allowed");
            Objects.requireNonNull(denied, "denied");
        }
    }

    /**
     * @param trusted decides whether a certificate chain, the client's own certificate first, is
     *     trusted
     * @param tokens creates TokenReviews; empty if bearer tokens are not accepted
     * @param reviews creates SubjectAccessReviews; empty if authenticated users may do everything
     * @param node the name of this Node
     */
    public DelegatedAuthorizer(
            Predicate<List<X509Certificate>> trusted,
            Optional<AccessReviewer> tokens,
            Optional<AccessReviewer> reviews,
            String node,
            Ttl ttl,
            InstantSource clock) {
        this.trusted = Objects.requireNonNull(trusted, "trusted");
        this.tokens = tokens.map(reviewer -> new TokenReviews(limited(reviewer), ttl.token(), clock));
        this.reviews = reviews.map(
                reviewer -> new SubjectAccessReviews(limited(reviewer), node, ttl.allowed(), ttl.denied(), clock));
        this.node = Objects.requireNonNull(node, "node");
    }

    private AccessReviewer limited(AccessReviewer reviewer) {
        return (path, object) -> {
            permits.acquire();
            try {
                return reviewer.create(path, object);
            } finally {
                permits.release();
            }
        };
    }

    @Override
    public Decision authorize(Call call) throws InterruptedException {
        Optional<UserInfo> user;
        try {
            user = user(call);
        } catch (KubeApiException e) {
            return new Decision.Unavailable("cannot authenticate the token: " + e.getMessage());
        }
        if (user.isEmpty()) {
            return new Decision.Unauthenticated(
                    tokens.isPresent()
                            ? "show a client certificate of the authority in authentication.x509.clientCAFile, or a bearer"
                                    + " token that the API server knows"
                            : "show a client certificate of the authority in authentication.x509.clientCAFile");
        }
        return reviews.isEmpty()
                ? new Decision.Allowed(user.get().name())
                : authorize(user.get(), RequestAttributes.of(call.method(), call.path()), reviews.get());
    }

    private Optional<UserInfo> user(Call call) throws InterruptedException {
        if (!call.certificates().isEmpty() && trusted.test(call.certificates())) {
            Optional<UserInfo> user = UserInfo.of(call.certificates().getFirst());
            if (user.isPresent()) {
                return user;
            }
        }
        return tokens.isPresent() && call.token().isPresent()
                ? tokens.get().user(call.token().get())
                : Optional.empty();
    }

    private Decision authorize(UserInfo user, RequestAttributes access, SubjectAccessReviews authority)
            throws InterruptedException {
        String what = "user=" + user.name() + ", verb=" + access.verb() + ", resource=nodes, name=" + node;
        for (String subresource : access.subresources()) {
            try {
                if (authority.allows(user, access.verb(), subresource)) {
                    return new Decision.Allowed(user.name());
                }
            } catch (KubeApiException e) {
                return new Decision.Unavailable("cannot authorize the request (" + what + ", subresource=" + subresource
                        + "): " + e.getMessage());
            }
        }
        return new Decision.Forbidden(
                "Forbidden (" + what + ", subresource(s)=" + String.join(" or ", access.subresources()) + ")");
    }
}
