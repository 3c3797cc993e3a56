package io.jubelet.mirror;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What was done lately about one pod of the API server.
 *
 * @param inFlight whether a request about it is under way
 * @param failure what failed last, until something succeeds
 * @param creation its creation by us
 * @param sent the status as written last
 */
record MirrorRecord(
        boolean inFlight, Optional<MirrorFailure> failure, Optional<Creation> creation, Optional<SentStatus> sent) {

    /** Of which nothing is remembered. */
    static final MirrorRecord NONE = new MirrorRecord(false, Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * A creation.
     *
     * @param version of the new mirror; the watch may not have come so far
     */
    public record Creation(long version, Instant at) {
        public Creation {
            Objects.requireNonNull(at, "at");
        }
    }

    /**
     * A status that was written.
     *
     * @param uid of the mirror
     * @param ours a digest of what was written
     * @param theirs a digest of what the API server made of it
     * @param version of the mirror after it
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
        return new MirrorRecord(false, Optional.empty(), Optional.of(new Creation(version, now)), sent);
    }

    /** The API server has agreed; whether it is gone, the watch tells. */
    MirrorRecord deleted(MirrorAction delete, Instant now) {
        boolean again = failure.filter(before -> before.attempt().equals(delete.attempt()))
                .isPresent();
        return failed(MirrorFailure.after(
                failure,
                delete.attempt(),
                "Stays",
                again ? "it was deleted and does not go; perhaps a finalizer holds it" : "",
                Duration.ZERO,
                now));
    }

    MirrorRecord patched(SentStatus status) {
        return new MirrorRecord(false, Optional.empty(), creation, Optional.of(status));
    }

    MirrorRecord failed(MirrorFailure now) {
        return new MirrorRecord(false, Optional.of(now), creation, sent);
    }

    /** Nothing has come of it, and nobody is to blame. */
    MirrorRecord over() {
        return new MirrorRecord(false, failure, creation, sent);
    }

    MirrorRecord retriedAt(Instant now) {
        return new MirrorRecord(inFlight, failure.map(before -> before.retriedAt(now)), creation, sent);
    }
}
