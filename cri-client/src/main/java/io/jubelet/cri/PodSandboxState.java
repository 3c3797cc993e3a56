/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/** The state of a sandbox. */
public enum PodSandboxState {
    /** It is running, and containers can run in it. */
    READY,
    /** It was stopped, or its process has exited. */
    NOT_READY
}
