package io.jubelet.kubeapi;

import io.jubelet.concurrent.Loop;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** Why a request to the API server did not succeed. */
public sealed class KubeApiException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private KubeApiException(String message, Throwable cause) {
        super(message, cause);
    }

    /** No answer: the API server cannot be reached, or what came is no answer of an API server. */
    public static final class Unreachable extends KubeApiException {

        private static final long serialVersionUID = 1L;

        public Unreachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** We have nothing to show it: a file of credentials cannot be read, a plugin fails. */
    public static final class NoCredentials extends KubeApiException {

        private static final long serialVersionUID = 1L;

        public NoCredentials(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** It answered, and refused. */
    public static final class ErrorStatus extends KubeApiException implements Loop.Deferral {

        private static final long serialVersionUID = 1L;

        private final int code;
        private final String reason;
        private final transient Optional<Duration> retryAfter;

        /**
         * @param code the status of HTTP
         * @param reason the reason of the v1 Status, such as {@code AlreadyExists}; empty when there is none
         * @param message for people
         * @param retryAfter how long the API server wants to be left alone; empty when it has not said so, or when coming
         *     again is of no use
         */
        public ErrorStatus(int code, String reason, String message, Optional<Duration> retryAfter) {
            super(message, null);
            this.code = code;
            this.reason = Objects.requireNonNull(reason, "reason");
            this.retryAfter = Objects.requireNonNull(retryAfter, "retryAfter");
        }

        /** The status of HTTP, 400 and more. */
        public int code() {
            return code;
        }

        /** One CamelCase word of the API, or empty. */
        public String reason() {
            return reason;
        }

        /** How long the API server wants to be left alone; at most half a minute, whatever it says. */
        @Override
        public Optional<Duration> retryAfter() {
            return retryAfter;
        }

        /** The same of an API server that wants to be left alone no longer than this. */
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

    /** Whether the API server says that there is no such object. */
    public boolean isNotFound() {
        return code() == 404;
    }

    /** Whether the API server says that the object is another than we thought, or is there already. */
    public boolean isConflict() {
        return code() == 409;
    }

    private int code() {
        return this instanceof ErrorStatus refused ? refused.code : 0;
    }
}
