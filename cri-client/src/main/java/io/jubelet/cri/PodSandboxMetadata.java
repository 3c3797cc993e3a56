/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Objects;

/**
 * Identifies a sandbox; the runtime rejects a second one with the same values.
 *
 * @param attempt the number of earlier sandboxes of the pod
 */
public record PodSandboxMetadata(String name, String uid, String namespace, int attempt) {
    public PodSandboxMetadata {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(namespace, "namespace");
    }
}
