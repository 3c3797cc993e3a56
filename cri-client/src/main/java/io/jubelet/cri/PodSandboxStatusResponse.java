package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A sandbox status with what the runtime says beside it.
 *
 * @param status null when absent
 * @param info for people: free text by topic, filled only by verbose calls
 * @param containersStatuses filled only by runtimes with container events
 * @param timestamp when this was measured; null when unknown
 */
public record PodSandboxStatusResponse(
        PodSandboxStatus status,
        Map<String, String> info,
        List<ContainerStatus> containersStatuses,
        Instant timestamp) {
    public PodSandboxStatusResponse {
        info = Map.copyOf(info);
        containersStatuses = List.copyOf(containersStatuses);
    }
}
