package io.jubelet.cri;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * One container as lists show it.
 *
 * @param imageRef what the runtime calls the image: an id, or a reference by digest
 * @param createdAt when it was created; null when unknown
 * @param annotations free text, stored and given back unchanged
 * @param imageId the id of the image; empty when the runtime does not tell
 */
public record Container(
        ContainerId id,
        PodSandboxId podSandboxId,
        ContainerMetadata metadata,
        ImageSpec image,
        String imageRef,
        ContainerState state,
        Instant createdAt,
        Map<String, String> labels,
        Map<String, String> annotations,
        String imageId) {
    public Container {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(podSandboxId, "podSandboxId");
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(imageRef, "imageRef");
        Objects.requireNonNull(state, "state");
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        Objects.requireNonNull(imageId, "imageId");
    }
}
