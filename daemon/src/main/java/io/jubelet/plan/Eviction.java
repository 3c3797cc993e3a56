package io.jubelet.plan;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A version of a pod has put more into a volume than its spec allows. It is stopped, what is in its volumes is removed, and
 * after a while it begins afresh: a static pod is never given up.
 *
 * @param message which limit was exceeded, in the words of the kubelet
 * @param until when the version may begin again; empty as long as its volumes were not emptied
 */
public record Eviction(String message, Optional<Instant> until) {

    public Eviction {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(until, "until");
    }
}
