package io.jubelet.mirror;

import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A static pod as its mirror is to show it.
 *
 * @param content the version that is shown: the running one, else the wanted one; empty when its content was lost
 * @param ending whether that version ends
 * @param since when it was seen first
 * @param status a digest of its status
 */
record MirroredPod(PodName name, Optional<Pod> content, boolean ending, Instant since, String status) {

    MirroredPod {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(status, "status");
    }
}
