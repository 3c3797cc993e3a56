package io.jubelet.cri;

import java.util.Objects;

/**
 * The configuration of the runtime that its client has to match.
 *
 * @param linux null if the runtime does not report it
 */
public record RuntimeConfigResponse(LinuxRuntimeConfiguration linux) {

    /** The Linux part of the configuration of the runtime. */
    public record LinuxRuntimeConfiguration(CgroupDriver cgroupDriver) {
        public LinuxRuntimeConfiguration {
            Objects.requireNonNull(cgroupDriver, "cgroupDriver");
        }
    }
}
