package io.jubelet.api;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Judges requests from other machines before anything is done about them. */
@FunctionalInterface
public interface RequestAuthorizer {

    /**
     * A request, as far as it matters for the verdict.
     *
     * @param certificates of the caller, its own first, whose key it has; empty when it shows none
     * @param token that the caller shows
     * @param method of HTTP
     * @param path its decoded segments, without empty ones
     */
    record Call(List<X509Certificate> certificates, Optional<String> token, String method, List<String> path) {
        public Call {
            certificates = List.copyOf(certificates);
            Objects.requireNonNull(token, "token");
            Objects.requireNonNull(method, "method");
            path = List.copyOf(path);
        }
    }

    /** What is to become of it. */
    sealed interface Decision {

        /** The caller may. */
        record Allowed() implements Decision {}

        /** Nobody knows who calls. */
        record Unauthenticated(String message) implements Decision {}

        /** The caller may not. */
        record Forbidden(String message) implements Decision {}

        /** It cannot be found out, so the caller may not now. */
        record Unavailable(String message) implements Decision {}
    }

    /** Judges; may block for some seconds. */
    Decision authorize(Call call) throws InterruptedException;
}
