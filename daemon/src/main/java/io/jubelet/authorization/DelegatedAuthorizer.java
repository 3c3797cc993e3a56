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
 * Finds out who calls and whether that one may, as the kubelet does: first by the certificate, then by the token; then, for each
 * subresource that would do, by asking the API server. Safe for use by many threads.
 */
public final class DelegatedAuthorizer implements RequestAuthorizer {

    /** So many questions at a time: who floods us must not flood the API server. */
    private static final int MAX_CONCURRENT_REVIEWS = 8;

    private final Predicate<List<X509Certificate>> trusted;
    private final Optional<TokenReviews> tokens;
    private final Optional<SubjectAccessReviews> reviews;
    private final String node;
    private final Semaphore permits = new Semaphore(MAX_CONCURRENT_REVIEWS, true);

    /**
     * How long answers of the API server count.
     *
     * @param token whose a token is
     * @param allowed that a user may
     * @param denied that a user may not
     */
    public record Ttl(Duration token, Duration allowed, Duration denied) {
        public Ttl {
            Objects.requireNonNull(token, "token");
            Objects.requireNonNull(allowed, "allowed");
            Objects.requireNonNull(denied, "denied");
        }
    }

    /**
     * @param trusted whether a caller with these certificates, its own first, is who it says
     * @param tokens who is asked whose a token is; empty: tokens say nothing
     * @param reviews who is asked what a caller may; empty: whoever is known may everything
     * @param node its name
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
            return new Decision.Unavailable("whose the token is cannot be asked: " + e.getMessage());
        }
        if (user.isEmpty()) {
            return new Decision.Unauthenticated(
                    tokens.isPresent()
                            ? "show a client certificate of the authority in authentication.x509.clientCAFile, or a bearer"
                                    + " token that the API server knows"
                            : "show a client certificate of the authority in authentication.x509.clientCAFile");
        }
        return reviews.isEmpty()
                ? new Decision.Allowed()
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
                    return new Decision.Allowed();
                }
            } catch (KubeApiException e) {
                return new Decision.Unavailable("whether the caller may cannot be asked (" + what + ", subresource="
                        + subresource + "): " + e.getMessage());
            }
        }
        return new Decision.Forbidden(
                "Forbidden (" + what + ", subresource(s)=" + String.join(" or ", access.subresources()) + ")");
    }
}
