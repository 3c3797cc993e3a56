package io.jubelet.cri;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Whether the runtime is ready, and what it can do.
 *
 * @param status null when the runtime does not tell
 * @param info for people: free text by topic, filled only by verbose calls
 * @param runtimeHandlers empty when the runtime does not tell
 * @param features null when the runtime does not tell
 */
public record StatusResponse(
        RuntimeStatus status,
        Map<String, String> info,
        List<RuntimeHandler> runtimeHandlers,
        RuntimeFeatures features) {
    public StatusResponse {
        info = Map.copyOf(info);
        runtimeHandlers = List.copyOf(runtimeHandlers);
    }

    /** The condition of this type, or null: {@code RuntimeReady} and {@code NetworkReady} are always there. */
    public RuntimeCondition condition(String type) {
        if (status == null) {
            return null;
        }
        return status.conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElse(null);
    }

    /** The conditions of the runtime; {@code RuntimeReady} and {@code NetworkReady} are always among them. */
    public record RuntimeStatus(List<RuntimeCondition> conditions) {
        public RuntimeStatus {
            conditions = List.copyOf(conditions);
        }
    }

    /** One condition of the runtime. */
    public record RuntimeCondition(String type, boolean status, String reason, String message) {
        public RuntimeCondition {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(message, "message");
        }
    }

    /**
     * A way of running sandboxes which the runtime offers.
     *
     * @param features null when absent
     */
    public record RuntimeHandler(String name, RuntimeHandlerFeatures features) {
        public RuntimeHandler {
            Objects.requireNonNull(name, "name");
        }
    }

    /** What a runtime handler can do. */
    public record RuntimeHandlerFeatures(boolean recursiveReadOnlyMounts, boolean userNamespaces) {}

    /** What the runtime can do whatever the handler. */
    public record RuntimeFeatures(boolean supplementalGroupsPolicy, boolean userNamespacesHostNetwork) {}
}
