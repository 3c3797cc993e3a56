package io.jubelet.cri;

import java.util.List;
import java.util.Objects;

/**
 * One image in the store of the runtime.
 *
 * @param size bytes
 * @param uid the user it runs as; null when it is named or unset
 * @param username the user it runs as, when named
 * @param spec null when the runtime does not tell
 * @param pinned must not be removed to free space
 */
public record Image(
        String id,
        List<String> repoTags,
        List<String> repoDigests,
        long size,
        Long uid,
        String username,
        ImageSpec spec,
        boolean pinned) {
    public Image {
        Objects.requireNonNull(id, "id");
        repoTags = List.copyOf(repoTags);
        repoDigests = List.copyOf(repoDigests);
        Objects.requireNonNull(username, "username");
    }
}
