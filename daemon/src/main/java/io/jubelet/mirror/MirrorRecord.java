package io.jubelet.mirror;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What was done lately about one pod of the API server.
 *
 * @param busy whether a request about it is under way
 * @param trouble what failed last, until something succeeds
 * @param made its creation by us
 * @param sent the status as written last
 */
record MirrorRecord(boolean busy, Optional<MirrorFailure> trouble, Optional<Made> made, Optional<Sent> sent) {

    /** Of which nothing is remembered. */
    static final MirrorRecord NONE = new MirrorRecord(false, Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * A creation.
     *
     * @param version of the new mirror; the watch may not have come so far
     */
    public record Made(long version, Instant at) {
        public Made {
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
    record Sent(String uid, String ours, String theirs, long version, Instant at) {
        Sent {
            Objects.requireNonNull(uid, "uid");
            Objects.requireNonNull(ours, "ours");
            Objects.requireNonNull(theirs, "theirs");
            Objects.requireNonNull(at, "at");
        }
    }

    MirrorRecord {
        Objects.requireNonNull(trouble, "trouble");
        Objects.requireNonNull(made, "made");
        Objects.requireNonNull(sent, "sent");
    }

    MirrorRecord begun() {
        return new MirrorRecord(true, trouble, made, sent);
    }

    MirrorRecord created(long version, Instant now) {
        return new MirrorRecord(false, Optional.empty(), Optional.of(new Made(version, now)), sent);
    }

    /** The API server has agreed; whether it is gone, the watch tells. */
    MirrorRecord deleted(MirrorAction delete, Instant now) {
        boolean again =
                trouble.filter(before -> before.about().equals(delete.about())).isPresent();
        return failed(MirrorFailure.after(
                trouble,
                delete.about(),
                "Stays",
                again ? "it was deleted and does not go; perhaps a finalizer holds it" : "",
                Duration.ZERO,
                now));
    }

    MirrorRecord patched(Sent status) {
        return new MirrorRecord(false, Optional.empty(), made, Optional.of(status));
    }

    MirrorRecord failed(MirrorFailure now) {
        return new MirrorRecord(false, Optional.of(now), made, sent);
    }

    /** Nothing has come of it, and nobody is to blame. */
    MirrorRecord over() {
        return new MirrorRecord(false, trouble, made, sent);
    }

    MirrorRecord retriedAt(Instant now) {
        return new MirrorRecord(busy, trouble.map(before -> before.retriedAt(now)), made, sent);
    }
}
