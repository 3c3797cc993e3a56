/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/** Whether the groups in the image are added to the given ones. */
public enum SupplementalGroupsPolicy {
    /** The groups in the image are added. */
    MERGE,
    /** Only the given groups are used. */
    STRICT
}
