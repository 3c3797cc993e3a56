/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.concurrent.Loop;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request to the API server failed. */
public sealed class KubeApiException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private KubeApiException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The API server is unreachable, or the response did not come from an API server. */
    public static final class Unreachable extends KubeApiException {

        private static final long serialVersionUID = 1L;

        private final boolean badResponse;

        public Unreachable(String message, @Nullable Throwable cause) {
            this(message, cause, false);
        }

        private Unreachable(String message, @Nullable Throwable cause, boolean badResponse) {
            super(message, cause);
            this.badResponse = badResponse;
        }

        /** Returns a failure because of a response that no API server sends. */
        public static Unreachable badResponse(String message) {
            return new Unreachable(message, null, true);
        }

        /**
         * Returns whether there was a response, but one that no API server sends, so that a repeated
         * request would not help.
         */
        public boolean isBadResponse() {
            return badResponse;
        }
    }

    /** No credentials are available: a file cannot be read, or a plugin failed. */
    public static final class NoCredentials extends KubeApiException {

        private static final long serialVersionUID = 1L;

        public NoCredentials(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The API server answered with an error status. */
    public static final class ErrorStatus extends KubeApiException implements Loop.Deferral {

        private static final long serialVersionUID = 1L;

        private final int code;
        private final String reason;
        private final transient Optional<Duration> retryAfter;

        /**
         * @param code the HTTP status code
         * @param reason the reason of the v1 Status, such as {@code AlreadyExists}; empty if there
         *     is none, as in the API
         * @param message the message of the v1 Status
         * @param retryAfter the value of Retry-After; empty if there is none, or if a retry cannot
         *     help
         */
        public ErrorStatus(int code, String reason, String message, Optional<Duration> retryAfter) {
            super(message, null);
            this.code = code;
            this.reason = Objects.requireNonNull(reason, "reason");
            this.retryAfter = Objects.requireNonNull(retryAfter, "retryAfter");
        }

        /** Returns the HTTP status code, 400 or greater. */
        public int code() {
            return code;
        }

        /** Returns the reason of the v1 Status; empty if there is none. */
        public String reason() {
            return reason;
        }

        /** Returns how long to wait before the next request, at most 30 s. */
        @Override
        public Optional<Duration> retryAfter() {
            return retryAfter;
        }

        /** Returns this error with a shorter delay. */
        public ErrorStatus withRetryAfterAtMost(Duration longest) {
            ErrorStatus shorter = new ErrorStatus(
                    code,
                    reason,
                    getMessage(),
                    retryAfter.map(asked -> asked.compareTo(longest) < 0 ? asked : longest));
            shorter.setStackTrace(getStackTrace());
            return shorter;
        }
    }

    /** Returns what went wrong; never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** Returns whether the object does not exist. */
    public boolean isNotFound() {
        return code() == 404;
    }

    /** Returns whether the object has changed meanwhile, or exists already. */
    public boolean isConflict() {
        return code() == 409;
    }

    private int code() {
        return this instanceof ErrorStatus refused ? refused.code : 0;
    }
}
