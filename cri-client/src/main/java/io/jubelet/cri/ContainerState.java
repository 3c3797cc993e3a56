/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/** The state of a container. */
public enum ContainerState {
    /** It was created and never started. */
    CREATED,
    /** Its process is running. */
    RUNNING,
    /** Its process has exited. */
    EXITED,
    /** The runtime does not know the state. */
    UNKNOWN
}
