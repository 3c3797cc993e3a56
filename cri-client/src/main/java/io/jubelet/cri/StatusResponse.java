/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The conditions and features of the runtime.
 *
 * @param status null if the runtime does not report it
 * @param info diagnostic text by topic; empty unless the call is verbose
 * @param runtimeHandlers empty if the runtime does not report it
 * @param features null if the runtime does not report it
 */
public record StatusResponse(
        @Nullable RuntimeStatus status,
        Map<String, String> info,
        List<RuntimeHandler> runtimeHandlers,
        @Nullable RuntimeFeatures features) {
    public StatusResponse {
        info = Map.copyOf(info);
        runtimeHandlers = List.copyOf(runtimeHandlers);
    }

    /** Returns the condition of a type, or null if the runtime does not report it. */
    public @Nullable RuntimeCondition condition(String type) {
        if (status == null) {
            return null;
        }
        return status.conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElse(null);
    }

    /**
     * The conditions of the runtime, which include {@code RuntimeReady} and {@code NetworkReady}.
     */
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
     * A handler that the runtime offers for sandboxes; a RuntimeClass refers to it by name.
     *
     * @param features null if not set
     */
    public record RuntimeHandler(String name, @Nullable RuntimeHandlerFeatures features) {
        public RuntimeHandler {
            Objects.requireNonNull(name, "name");
        }
    }

    /** The features of a runtime handler. */
    public record RuntimeHandlerFeatures(boolean recursiveReadOnlyMounts, boolean userNamespaces) {}

    /** The features of the runtime with all its handlers. */
    public record RuntimeFeatures(boolean supplementalGroupsPolicy, boolean userNamespacesHostNetwork) {}
}
