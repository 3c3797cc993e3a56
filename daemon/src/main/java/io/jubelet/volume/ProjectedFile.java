/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.pod.Bytes;
import java.util.Objects;

/**
 * One file of a projected volume.
 *
 * @param mode its permission bits, such as 0644
 */
record ProjectedFile(Bytes content, int mode) {
    ProjectedFile {
        Objects.requireNonNull(content, "content");
    }
}
