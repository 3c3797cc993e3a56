/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/** The scope in which a namespace is shared. */
public enum NamespaceMode {
    /** The containers of the pod share one. */
    POD,
    /** Each container has its own. */
    CONTAINER,
    /** The namespace of the host is used. */
    NODE,
    /** The namespace of a given container is used. */
    TARGET
}
