/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The response to a verbose image status call: an image with diagnostic text.
 *
 * @param image null if the runtime has no such image
 * @param info diagnostic text by topic; empty unless the call is verbose
 */
public record ImageStatusResponse(@Nullable Image image, Map<String, String> info) {
    public ImageStatusResponse {
        info = Map.copyOf(info);
    }
}
