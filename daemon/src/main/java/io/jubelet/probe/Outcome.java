package io.jubelet.probe;

import java.util.Objects;

/**
 * What one attempt of a probe has shown.
 *
 * @param message for people, may be empty
 */
record Outcome(Verdict verdict, String message) {

    enum Verdict {
        SUCCESS,
        /** A success about which there is something to tell. */
        WARNING,
        FAILURE,
        /** The question could not be put at all, which says nothing about the container. */
        ERROR
    }

    Outcome {
        Objects.requireNonNull(verdict, "verdict");
        Objects.requireNonNull(message, "message");
    }

    static Outcome success() {
        return new Outcome(Verdict.SUCCESS, "");
    }

    static Outcome failure(String message) {
        return new Outcome(Verdict.FAILURE, message);
    }

    static Outcome error(String message) {
        return new Outcome(Verdict.ERROR, message);
    }
}
