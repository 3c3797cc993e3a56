/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The settings that a client can change in a running runtime.
 *
 * @param networkConfig null if not set
 */
public record RuntimeConfig(@Nullable NetworkConfig networkConfig) {

    /** The network settings: the address range of the pods of this node. */
    public record NetworkConfig(String podCidr) {
        public NetworkConfig {
            Objects.requireNonNull(podCidr, "podCidr");
        }
    }
}
