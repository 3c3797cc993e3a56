/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import java.util.Objects;

/**
 * The result of one attempt of a probe.
 *
 * @param message for people, may be empty
 */
record Outcome(Verdict verdict, String message) {

    enum Verdict {
        SUCCESS,
        /** A success with a warning. */
        WARNING,
        FAILURE,
        /** The attempt could not be made, which says nothing about the container. */
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
