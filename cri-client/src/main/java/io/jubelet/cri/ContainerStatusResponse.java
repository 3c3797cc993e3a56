/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The response to a verbose status call: the status of a container with diagnostic text.
 *
 * @param status null if not set
 * @param info diagnostic text by topic; empty unless the call is verbose
 */
public record ContainerStatusResponse(@Nullable ContainerStatus status, Map<String, String> info) {
    public ContainerStatusResponse {
        info = Map.copyOf(info);
    }
}
