/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/**
 * The image of a container.
 *
 * @param reference as the manifest writes it
 * @param pullPolicy never null; defaulted from the tag
 */
public record ContainerImage(String reference, ImagePullPolicy pullPolicy) {

    public ContainerImage {
        Objects.requireNonNull(reference, "reference");
        Objects.requireNonNull(pullPolicy, "pullPolicy");
    }
}
