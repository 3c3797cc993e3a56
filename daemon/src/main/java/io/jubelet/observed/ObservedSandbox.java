/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.cri.PodSandboxId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One PodSandbox of this node as the runtime shows it.
 *
 * @param id the runtime's ID
 * @param uid UID of the pod version that it was created for
 * @param hash content hash of that version, from the annotation of the sandbox
 * @param attempt 0 for the first sandbox of that version
 * @param ready whether it is running
 * @param createdAt by the runtime's clock, for showing; null if the runtime does not know it, as after its end while it
 *     created the sandbox
 * @param gracePeriod termination grace period of that version, from the annotation of the sandbox
 * @param ips the addresses, the primary first; empty if it is not ready, is on the host network, or
 *     has none yet
 */
public record ObservedSandbox(
        PodSandboxId id,
        String uid,
        String hash,
        int attempt,
        boolean ready,
        @Nullable Instant createdAt,
        Duration gracePeriod,
        List<String> ips) {

    public ObservedSandbox {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(hash, "hash");
        Objects.requireNonNull(gracePeriod, "gracePeriod");
        ips = List.copyOf(ips);
    }

    /** The same sandbox with its addresses. */
    public ObservedSandbox at(List<String> addresses) {
        return new ObservedSandbox(id, uid, hash, attempt, ready, createdAt, gracePeriod, addresses);
    }

    /** The same sandbox with the creation time that the runtime reports. */
    public ObservedSandbox madeAt(@Nullable Instant moment) {
        return new ObservedSandbox(id, uid, hash, attempt, ready, moment, gracePeriod, ips);
    }

    /** The same sandbox after it was stopped. */
    public ObservedSandbox stopped() {
        return new ObservedSandbox(id, uid, hash, attempt, false, createdAt, gracePeriod, List.of());
    }
}
