package io.jubelet.cri;

import java.util.Map;

/**
 * Which containers to list: those which satisfy all conditions given.
 *
 * @param id null for any
 * @param state null for any
 * @param podSandboxId null for any
 * @param labelSelector labels which must all be there with these values
 */
public record ContainerFilter(
        ContainerId id, ContainerState state, PodSandboxId podSandboxId, Map<String, String> labelSelector) {
    private static final ContainerFilter ALL = new ContainerFilter(null, null, null, Map.of());

    public ContainerFilter {
        labelSelector = Map.copyOf(labelSelector);
    }

    /** Every container. */
    public static ContainerFilter all() {
        return ALL;
    }

    /** The container with this id. */
    public static ContainerFilter id(ContainerId id) {
        return new ContainerFilter(id, null, null, Map.of());
    }

    /** Containers in this state. */
    public static ContainerFilter state(ContainerState state) {
        return new ContainerFilter(null, state, null, Map.of());
    }

    /** Containers of this sandbox. */
    public static ContainerFilter sandbox(PodSandboxId sandbox) {
        return new ContainerFilter(null, null, sandbox, Map.of());
    }

    /** Containers with all these labels. */
    public static ContainerFilter labels(Map<String, String> labels) {
        return new ContainerFilter(null, null, null, labels);
    }
}
