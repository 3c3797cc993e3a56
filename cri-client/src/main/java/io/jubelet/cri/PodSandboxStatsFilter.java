package io.jubelet.cri;

import java.util.Map;

/**
 * Of which sandboxes to list statistics: those which satisfy all conditions given.
 *
 * @param id null for any
 * @param labelSelector labels which must all be there with these values
 */
public record PodSandboxStatsFilter(PodSandboxId id, Map<String, String> labelSelector) {
    public PodSandboxStatsFilter {
        labelSelector = Map.copyOf(labelSelector);
    }

    /** Every sandbox. */
    public static PodSandboxStatsFilter all() {
        return new PodSandboxStatsFilter(null, Map.of());
    }

    /** Sandboxes with all these labels. */
    public static PodSandboxStatsFilter labels(Map<String, String> labels) {
        return new PodSandboxStatsFilter(null, labels);
    }
}
