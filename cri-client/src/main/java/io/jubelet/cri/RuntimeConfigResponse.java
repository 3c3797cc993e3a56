package io.jubelet.cri;

import java.util.Objects;

/**
 * How the runtime is configured, as far as its client must agree with it.
 *
 * @param linux null when the runtime does not tell
 */
public record RuntimeConfigResponse(LinuxRuntimeConfiguration linux) {

    /** The Linux part of the configuration of the runtime. */
    public record LinuxRuntimeConfiguration(CgroupDriver cgroupDriver) {
        public LinuxRuntimeConfiguration {
            Objects.requireNonNull(cgroupDriver, "cgroupDriver");
        }
    }
}
