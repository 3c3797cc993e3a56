/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A hint that a container or sandbox has changed, from any event stream. It can arrive late, twice
 * or not at all, so the receiver has to query the state.
 *
 * @param id the id of the container, or of the sandbox itself; the events of containerd do not say
 *     which
 * @param podSandboxId the id of the sandbox; null if the event does not contain it
 * @param podUid the UID of the pod; null if the event does not contain it
 */
public record RuntimeEvent(
        Kind kind,
        String id,
        @Nullable PodSandboxId podSandboxId,
        @Nullable String podUid,
        Instant time) {
    public RuntimeEvent {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(time, "time");
    }

    /** The kind of an event. */
    public enum Kind {
        /** It was created. */
        CREATED,
        /** Its process has started. */
        STARTED,
        /** Its process has exited. */
        STOPPED,
        /** It, or its exited process, was removed. */
        DELETED,
        /** It ran out of memory. */
        OOM,
        /** Another event, such as paused, resumed or updated. */
        OTHER
    }
}
