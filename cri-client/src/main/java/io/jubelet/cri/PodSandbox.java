package io.jubelet.cri;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * One sandbox as lists show it.
 *
 * @param createdAt when it was created; null when unknown
 * @param annotations free text, stored and given back unchanged
 * @param runtimeHandler empty for the default handler
 */
public record PodSandbox(
        PodSandboxId id,
        PodSandboxMetadata metadata,
        PodSandboxState state,
        Instant createdAt,
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
