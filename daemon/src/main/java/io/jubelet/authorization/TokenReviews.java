/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.authorization;

import io.jubelet.document.JsonText;
import io.jubelet.kubeapi.ApiObject;
import io.jubelet.kubeapi.KubeApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Authenticates bearer tokens with TokenReviews and caches the results. Safe for use by many
 * threads.
 */
final class TokenReviews {

    private static final String PATH = "/apis/authentication.k8s.io/v1/tokenreviews";
    private static final int MAX_ENTRIES = 256;

    /**
     * How much memory a user occupies at most, in bytes: some hundred groups. With {@link
     * #MAX_ENTRIES} it bounds the memory of the cache.
     */
    static final int MAX_USER_BYTES = 32 << 10;

    private final AccessReviewer reviewer;
    private final Duration ttl;
    private final InstantSource clock;
    private final ExpiringCache<Optional<UserInfo>> cache = new ExpiringCache<>(MAX_ENTRIES);

    /** @param ttl how long a result is cached */
    TokenReviews(AccessReviewer reviewer, Duration ttl, InstantSource clock) {
        this.reviewer = Objects.requireNonNull(reviewer, "reviewer");
        this.ttl = Objects.requireNonNull(ttl, "ttl");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Returns the user of a token; empty when the token is not valid.
     *
     * @throws KubeApiException when the API server is unreachable, answers with an error, or says
     *     too much about the user
     */
    Optional<UserInfo> user(String token) throws InterruptedException {
        Instant now = clock.instant();
        Optional<Optional<UserInfo>> known = cache.get(token, now);
        if (known.isPresent()) {
            return known.get();
        }
        String review = JsonText.write(out -> {
            out.writeStartObject();
            out.writeStringField("apiVersion", "authentication.k8s.io/v1");
            out.writeStringField("kind", "TokenReview");
            out.writeObjectFieldStart("spec");
            out.writeStringField("token", token);
            out.writeEndObject();
            out.writeEndObject();
        });
        Optional<UserInfo> user = user(reviewer.create(PATH, review));
        cache.put(token, user, now.plus(ttl));
        return user;
    }

    private static Optional<UserInfo> user(ApiObject review) {
        String name = review.text("status", "user", "username");
        if (!review.text("status", "authenticated").equals("true") || name.isEmpty()) {
            return Optional.empty();
        }
        SortedMap<String, List<String>> extra = new TreeMap<>();
        for (String key : review.names("status", "user", "extra")) {
            extra.put(key, review.items("status", "user", "extra", key));
        }
        UserInfo user = new UserInfo(
                        name, review.text("status", "user", "uid"), review.items("status", "user", "groups"), extra)
                .withAuthenticatedGroup();
        if (user.size() > MAX_USER_BYTES) {
            throw new KubeApiException.ErrorStatus(
                    500,
                    "UserTooLarge",
                    "the TokenReview says more than " + MAX_USER_BYTES + " bytes about the user; reduce its groups",
                    Optional.empty());
        }
        return Optional.of(user);
    }
}
