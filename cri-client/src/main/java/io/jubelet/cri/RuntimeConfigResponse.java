/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of the runtime that its client has to match.
 *
 * @param linux null if the runtime does not report it
 */
public record RuntimeConfigResponse(@Nullable LinuxRuntimeConfiguration linux) {

    /** The Linux part of the configuration of the runtime. */
    public record LinuxRuntimeConfiguration(CgroupDriver cgroupDriver) {
        public LinuxRuntimeConfiguration {
            Objects.requireNonNull(cgroupDriver, "cgroupDriver");
        }
    }
}
