/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One image of the runtime.
 *
 * @param size in bytes
 * @param uid the id of the user that it runs as; null if the user has a name or is not set
 * @param username the name of the user that it runs as; empty if the user is an id or is not set
 * @param spec null if the runtime does not report it
 * @param pinned whether it must not be removed to free space
 */
public record Image(
        String id,
        List<String> repoTags,
        List<String> repoDigests,
        long size,
        @Nullable Long uid,
        String username,
        @Nullable ImageSpec spec,
        boolean pinned) {
    public Image {
        Objects.requireNonNull(id, "id");
        repoTags = List.copyOf(repoTags);
        repoDigests = List.copyOf(repoDigests);
        Objects.requireNonNull(username, "username");
    }
}
