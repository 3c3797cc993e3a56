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
record MirrorMemory(boolean busy, Optional<MirrorTrouble> trouble, Optional<Made> made, Optional<Sent> sent) {

    /** Of which nothing is remembered. */
    static final MirrorMemory NONE = new MirrorMemory(false, Optional.empty(), Optional.empty(), Optional.empty());

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

    MirrorMemory {
        Objects.requireNonNull(trouble, "trouble");
        Objects.requireNonNull(made, "made");
        Objects.requireNonNull(sent, "sent");
    }

    MirrorMemory begun() {
        return new MirrorMemory(true, trouble, made, sent);
    }

    MirrorMemory created(long version, Instant now) {
        return new MirrorMemory(false, Optional.empty(), Optional.of(new Made(version, now)), sent);
    }

    /** The API server has agreed; whether it is gone, the watch tells. */
    MirrorMemory deleted(MirrorAction delete, Instant now) {
        boolean again =
                trouble.filter(before -> before.about().equals(delete.about())).isPresent();
        return failed(MirrorTrouble.after(
                trouble,
                delete.about(),
                "Stays",
                again ? "it was deleted and does not go; perhaps a finalizer holds it" : "",
                Duration.ZERO,
                now));
    }

    MirrorMemory patched(Sent status) {
        return new MirrorMemory(false, Optional.empty(), made, Optional.of(status));
    }

    MirrorMemory failed(MirrorTrouble now) {
        return new MirrorMemory(false, Optional.of(now), made, sent);
    }

    /** Nothing has come of it, and nobody is to blame. */
    MirrorMemory over() {
        return new MirrorMemory(false, trouble, made, sent);
    }

    MirrorMemory retriedAt(Instant now) {
        return new MirrorMemory(busy, trouble.map(before -> before.retriedAt(now)), made, sent);
    }
}
