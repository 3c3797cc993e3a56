package io.jubelet.authorization;

import io.jubelet.document.JsonText;
import io.jubelet.kubeapi.ApiObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;

/**
 * Asks the API server whether a user may, and remembers the answers for a while, so that who asks again does not wait and an
 * outage is not felt at once. Safe for use by many threads.
 */
final class SubjectAccessReviews {

    private static final String PATH = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    /** The kubelet remembers 8192. */
    private static final int MOST = 1024;

    private final AccessReviewer reviewer;
    private final String node;
    private final Duration allowed;
    private final Duration denied;
    private final InstantSource clock;
    private final ExpiringCache<Boolean> answers = new ExpiringCache<>(MOST);

    /**
     * @param allowed how long it counts that a user may
     * @param denied how long it counts that a user may not
     */
    SubjectAccessReviews(AccessReviewer reviewer, String node, Duration allowed, Duration denied, InstantSource clock) {
        this.reviewer = Objects.requireNonNull(reviewer, "reviewer");
        this.node = Objects.requireNonNull(node, "node");
        this.allowed = Objects.requireNonNull(allowed, "allowed");
        this.denied = Objects.requireNonNull(denied, "denied");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Whether a user may.
     *
     * @throws io.jubelet.kubeapi.KubeApiException when nobody can tell
     */
    boolean allows(UserInfo caller, String verb, String subresource) throws InterruptedException {
        String spec = spec(caller, verb, subresource);
        Instant now = clock.instant();
        Optional<Boolean> known = answers.answer(spec, now);
        if (known.isPresent()) {
            return known.get();
        }
        ApiObject review = reviewer.create(
                PATH,
                "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SubjectAccessReview\",\"spec\":" + spec + "}");
        boolean may = review.text("status", "allowed").equals("true")
                && !review.text("status", "denied").equals("true");
        answers.note(spec, may, now.plus(may ? allowed : denied));
        return may;
    }

    private String spec(UserInfo caller, String verb, String subresource) {
        StringBuilder spec = new StringBuilder(512).append('{');
        caller.write(spec);
        spec.append("\"resourceAttributes\":{\"version\":\"v1\",\"resource\":\"nodes\",\"name\":");
        JsonText.quote(spec, node);
        spec.append(",\"verb\":");
        JsonText.quote(spec, verb);
        spec.append(",\"subresource\":");
        JsonText.quote(spec, subresource);
        return spec.append("}}").toString();
    }
}
