/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.authorization;

import io.jubelet.document.JsonText;
import io.jubelet.kubeapi.ApiObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;

/**
 * Checks the permissions of users with SubjectAccessReviews and caches the results, so that
 * repeated requests do not wait and a short outage goes unnoticed. Safe for use by many threads.
 */
final class SubjectAccessReviews {

    private static final String PATH = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    /** The kubelet caches 8192 entries. */
    private static final int MAX_ENTRIES = 1024;

    private final AccessReviewer reviewer;
    private final String node;
    private final Duration allowedTtl;
    private final Duration deniedTtl;
    private final InstantSource clock;
    private final ExpiringCache<Boolean> cache = new ExpiringCache<>(MAX_ENTRIES);

    /**
     * @param allowedTtl how long a positive result is cached
     * @param deniedTtl how long a negative result is cached
     */
    SubjectAccessReviews(
            AccessReviewer reviewer, String node, Duration allowedTtl, Duration deniedTtl, InstantSource clock) {
        this.reviewer = Objects.requireNonNull(reviewer, "reviewer");
        this.node = Objects.requireNonNull(node, "node");
        this.allowedTtl = Objects.requireNonNull(allowedTtl, "allowedTtl");
        this.deniedTtl = Objects.requireNonNull(deniedTtl, "deniedTtl");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Returns whether a user may use a verb on a subresource of this Node.
     *
     * @throws io.jubelet.kubeapi.KubeApiException when the API server is unreachable or answers
     *     with an error
     */
    boolean allows(UserInfo user, String verb, String subresource) throws InterruptedException {
        String spec = spec(user, verb, subresource);
        Instant now = clock.instant();
        Optional<Boolean> known = cache.get(spec, now);
        if (known.isPresent()) {
            return known.get();
        }
        ApiObject review = reviewer.create(PATH, JsonText.write(out -> {
            out.writeStartObject();
            out.writeStringField("apiVersion", "authorization.k8s.io/v1");
            out.writeStringField("kind", "SubjectAccessReview");
            out.writeFieldName("spec");
            out.writeRawValue(spec);
            out.writeEndObject();
        }));
        boolean may = review.text("status", "allowed").equals("true")
                && !review.text("status", "denied").equals("true");
        cache.put(spec, may, now.plus(may ? allowedTtl : deniedTtl));
        return may;
    }

    private String spec(UserInfo user, String verb, String subresource) {
        return JsonText.write(out -> {
            out.writeStartObject();
            user.write(out);
            out.writeObjectFieldStart("resourceAttributes");
            out.writeStringField("version", "v1");
            out.writeStringField("resource", "nodes");
            out.writeStringField("name", node);
            out.writeStringField("verb", verb);
            out.writeStringField("subresource", subresource);
            out.writeEndObject();
            out.writeEndObject();
        });
    }
}
