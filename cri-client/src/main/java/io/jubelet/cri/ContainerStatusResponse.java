package io.jubelet.cri;

import java.util.Map;

/**
 * A container status with what the runtime says beside it.
 *
 * @param status null when absent
 * @param info for people: free text by topic, filled only by verbose calls
 */
public record ContainerStatusResponse(ContainerStatus status, Map<String, String> info) {
    public ContainerStatusResponse {
        info = Map.copyOf(info);
    }
}
