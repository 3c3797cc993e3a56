package io.jubelet.cri;

import java.util.Map;

/**
 * Of which containers to list statistics: those which satisfy all conditions given.
 *
 * @param id null for any
 * @param podSandboxId null for any
 * @param labelSelector labels which must all be there with these values
 */
public record ContainerStatsFilter(ContainerId id, PodSandboxId podSandboxId, Map<String, String> labelSelector) {
    public ContainerStatsFilter {
        labelSelector = Map.copyOf(labelSelector);
    }

    /** Every container. */
    public static ContainerStatsFilter all() {
        return new ContainerStatsFilter(null, null, Map.of());
    }

    /** Containers of this sandbox. */
    public static ContainerStatsFilter sandbox(PodSandboxId sandbox) {
        return new ContainerStatsFilter(null, sandbox, Map.of());
    }

    /** Containers with all these labels. */
    public static ContainerStatsFilter labels(Map<String, String> labels) {
        return new ContainerStatsFilter(null, null, labels);
    }
}
