/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The network traffic of a sandbox.
 *
 * @param timestamp the time of the measurement; null if unknown
 * @param defaultInterface null if not reported
 */
public record NetworkUsage(
        @Nullable Instant timestamp,
        @Nullable NetworkInterfaceUsage defaultInterface,
        List<NetworkInterfaceUsage> interfaces) {
    public NetworkUsage {
        interfaces = List.copyOf(interfaces);
    }

    /**
     * The traffic of one network interface since it was created.
     *
     * @param rxBytes null if not reported
     * @param rxErrors null if not reported
     * @param txBytes null if not reported
     * @param txErrors null if not reported
     */
    public record NetworkInterfaceUsage(
            String name,
            @Nullable Long rxBytes,
            @Nullable Long rxErrors,
            @Nullable Long txBytes,
            @Nullable Long txErrors) {
        public NetworkInterfaceUsage {
            Objects.requireNonNull(name, "name");
        }
    }
}
