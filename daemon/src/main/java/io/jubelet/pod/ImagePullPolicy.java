/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

/** When an image is pulled. The constants are spelled as in the API. */
public enum ImagePullPolicy {
    Always,
    IfNotPresent,
    Never
}
