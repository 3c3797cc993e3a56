/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The latest requests about one pod of the API server. Immutable.
 *
 * @param inFlight whether a request is running
 * @param failure the last failure, until something succeeds
 * @param creation its creation by this daemon
 * @param sent the status written last
 */
record MirrorRecord(
        boolean inFlight, Optional<MirrorFailure> failure, Optional<Creation> creation, Optional<SentStatus> sent) {

    /** No requests. */
    static final MirrorRecord NONE = new MirrorRecord(false, Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * A creation.
     *
     * @param version the resourceVersion of the new mirror pod, which the watch may not have
     *     delivered yet
     * @param repeated how many creations of the same mirror pod preceded it in short succession
     */
    record Creation(long version, Instant at, int repeated) {

        /** Later creations do not count as repeated. */
        private static final Duration SUCCESSION = Duration.ofMinutes(2);

        /** The number of creations in short succession that a user can cause by hand. */
        private static final int BY_HAND = 8;

        private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

        Creation {
            Objects.requireNonNull(at, "at");
        }

        private static Creation after(Optional<Creation> before, long version, Instant now) {
            boolean soon = before.filter(creation -> now.isBefore(creation.at().plus(SUCCESSION)))
                    .isPresent();
            return new Creation(version, now, soon ? before.get().repeated() + 1 : 0);
        }

        /** Returns how long the mirror pod is kept although it is edited. */
        Duration minLifetime() {
            return repeated <= BY_HAND ? Duration.ZERO : BACKOFF.delay(repeated - BY_HAND);
        }
    }

    /**
     * A status that was written.
     *
     * @param uid the UID of the mirror pod
     * @param ours the digest of what was sent
     * @param theirs the digest of what the API server stored
     * @param version the resourceVersion after the patch
     */
    record SentStatus(String uid, String ours, String theirs, long version, Instant at) {
        SentStatus {
            Objects.requireNonNull(uid, "uid");
            Objects.requireNonNull(ours, "ours");
            Objects.requireNonNull(theirs, "theirs");
            Objects.requireNonNull(at, "at");
        }
    }

    MirrorRecord {
        Objects.requireNonNull(failure, "failure");
        Objects.requireNonNull(creation, "creation");
        Objects.requireNonNull(sent, "sent");
    }

    MirrorRecord started() {
        return new MirrorRecord(true, failure, creation, sent);
    }

    MirrorRecord created(long version, Instant now) {
        return new MirrorRecord(false, Optional.empty(), Optional.of(Creation.after(creation, version, now)), sent);
    }

    /** The API server accepted the deletion; the watch tells when the pod is gone. */
    MirrorRecord deleted(MirrorAction delete, Instant now) {
        boolean again = failure.filter(before -> before.attempt().equals(delete.attempt()))
                .isPresent();
        return failed(MirrorFailure.after(
                failure,
                delete.attempt(),
                "Stays",
                again ? Optional.of("it was deleted but still exists; perhaps it has a finalizer") : Optional.empty(),
                Duration.ZERO,
                now));
    }

    MirrorRecord patched(SentStatus status) {
        return new MirrorRecord(false, Optional.empty(), creation, Optional.of(status));
    }

    MirrorRecord failed(MirrorFailure now) {
        return new MirrorRecord(false, Optional.of(now), creation, sent);
    }

    MirrorRecord retriedAt(Instant now) {
        return new MirrorRecord(inFlight, failure.map(before -> before.retriedAt(now)), creation, sent);
    }
}
