/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/** The type of an event of a container or sandbox. */
public enum ContainerEventType {
    /** It was created. */
    CREATED,
    /** It was started. */
    STARTED,
    /** It has exited. */
    STOPPED,
    /** It was removed. */
    DELETED
}
