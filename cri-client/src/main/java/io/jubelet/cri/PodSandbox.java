/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One sandbox in a list.
 *
 * @param createdAt the time of its creation; null if unknown
 * @param annotations arbitrary metadata, which the runtime stores and returns unchanged
 * @param runtimeHandler empty for the default handler
 */
public record PodSandbox(
        PodSandboxId id,
        PodSandboxMetadata metadata,
        PodSandboxState state,
        @Nullable Instant createdAt,
        Map<String, String> labels,
        Map<String, String> annotations,
        String runtimeHandler) {
    public PodSandbox {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(state, "state");
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        Objects.requireNonNull(runtimeHandler, "runtimeHandler");
    }
}
