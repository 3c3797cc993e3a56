/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A static pod as its mirror pod shows it. Immutable.
 *
 * @param content the version that is shown: the running one, or else the wanted one; empty when its
 *     content is unknown
 * @param ending whether that version is terminating
 * @param since when it was first seen
 * @param status the digest of its status
 */
record MirroredPod(PodName name, Optional<Pod> content, boolean ending, Instant since, String status) {

    MirroredPod {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(status, "status");
    }
}
