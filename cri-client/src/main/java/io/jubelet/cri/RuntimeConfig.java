package io.jubelet.cri;

import java.util.Objects;

/**
 * Settings handed to the runtime at run time.
 *
 * @param networkConfig null when absent
 */
public record RuntimeConfig(NetworkConfig networkConfig) {

    /** The address range of the pods of this node. */
    public record NetworkConfig(String podCidr) {
        public NetworkConfig {
            Objects.requireNonNull(podCidr, "podCidr");
        }
    }
}
