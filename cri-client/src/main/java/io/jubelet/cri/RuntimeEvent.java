package io.jubelet.cri;

import java.time.Instant;
import java.util.Objects;

/**
 * A hint that something happened, whatever the stream it came by: look again. It may come late, twice or not at all.
 *
 * @param id of the container, or of the sandbox itself: containerd's own events do not tell which
 * @param podSandboxId the sandbox concerned, when the event tells; else null
 * @param podUid the pod concerned, when the event tells; else null
 */
public record RuntimeEvent(Kind kind, String id, PodSandboxId podSandboxId, String podUid, Instant time) {
    public RuntimeEvent {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(time, "time");
    }

    /** What happened. */
    public enum Kind {
        /** It was created. */
        CREATED,
        /** Its process was started. */
        STARTED,
        /** Its process has exited. */
        STOPPED,
        /** It, or what was left of its process, was removed. */
        DELETED,
        /** It ran out of memory. */
        OOM,
        /** Something else: paused, resumed, updated. */
        OTHER
    }
}
