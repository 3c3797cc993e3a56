/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/** Whether later mounts on the host or in a container propagate to the other side. */
public enum MountPropagation {
    /** Mounts do not propagate. */
    PRIVATE,
    /** Mounts on the host propagate to the container. */
    HOST_TO_CONTAINER,
    /** Mounts propagate in both directions. */
    BIDIRECTIONAL
}
