package io.jubelet.cri;

import java.util.Map;

/**
 * Which sandboxes to list: those which satisfy all conditions given.
 *
 * @param id null for any
 * @param state null for any
 * @param labelSelector labels which must all be there with these values
 */
public record PodSandboxFilter(PodSandboxId id, PodSandboxState state, Map<String, String> labelSelector) {
    private static final PodSandboxFilter ALL = new PodSandboxFilter(null, null, Map.of());

    public PodSandboxFilter {
        labelSelector = Map.copyOf(labelSelector);
    }

    /** Every sandbox. */
    public static PodSandboxFilter all() {
        return ALL;
    }

    /** The sandbox with this id. */
    public static PodSandboxFilter id(PodSandboxId id) {
        return new PodSandboxFilter(id, null, Map.of());
    }

    /** Sandboxes in this state. */
    public static PodSandboxFilter state(PodSandboxState state) {
        return new PodSandboxFilter(null, state, Map.of());
    }

    /** Sandboxes with all these labels. */
    public static PodSandboxFilter labels(Map<String, String> labels) {
        return new PodSandboxFilter(null, null, labels);
    }
}
