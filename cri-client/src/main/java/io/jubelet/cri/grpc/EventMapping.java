/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.RuntimeEvent;
import io.jubelet.cri.RuntimeEvent.Kind;
import io.jubelet.cri.proto.ContainerdEvents;
import io.jubelet.cri.proto.Cri;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Events of the CRI and of containerd to hints; null for an event that does not concern a whole
 * container or sandbox.
 */
final class EventMapping {
    private EventMapping() {}

    static RuntimeEvent fromWire(Cri.ContainerEventResponse wire) {
        Cri.PodSandboxStatus sandbox = wire.getPodSandboxStatus();
        String sandboxId = sandbox.getId();
        String podUid = sandbox.getMetadata().getUid();
        Instant time = ValueMapping.instant(wire.getCreatedAt());
        return new RuntimeEvent(
                kind(wire.getContainerEventType()),
                wire.getContainerId(),
                sandboxId.isEmpty() ? null : new PodSandboxId(sandboxId),
                podUid.isEmpty() ? null : podUid,
                time == null ? Instant.EPOCH : time);
    }

    private static Kind kind(Cri.ContainerEventType type) {
        return switch (type) {
            case CONTAINER_CREATED_EVENT -> Kind.CREATED;
            case CONTAINER_STARTED_EVENT -> Kind.STARTED;
            case CONTAINER_STOPPED_EVENT -> Kind.STOPPED;
            case CONTAINER_DELETED_EVENT -> Kind.DELETED;
            case UNRECOGNIZED -> Kind.OTHER;
        };
    }

    static @Nullable RuntimeEvent fromWire(ContainerdEvents.Envelope wire) {
        if (!wire.getNamespace().equals("k8s.io")) {
            return null;
        }
        Kind kind = switch (wire.getTopic()) {
            case "/containers/create", "/tasks/create" -> Kind.CREATED;
            case "/tasks/start" -> Kind.STARTED;
            case "/tasks/exit" -> Kind.STOPPED;
            case "/tasks/delete", "/containers/delete" -> Kind.DELETED;
            case "/tasks/oom" -> Kind.OOM;
            default -> Kind.OTHER;
        };
        String id = containerId(wire.getTopic(), wire.getEvent().getValue());
        return id == null ? null : new RuntimeEvent(kind, id, null, null, instant(wire.getTimestamp()));
    }

    /**
     * Returns the container that an event concerns; null for the exit of an exec, and for an event
     * without a known id.
     */
    private static @Nullable String containerId(String topic, ByteString event) {
        try {
            ExtensionRegistryLite none = ExtensionRegistryLite.getEmptyRegistry();
            if (topic.equals("/tasks/exit")) {
                ContainerdEvents.TaskExit exit = ContainerdEvents.TaskExit.parseFrom(event, none);
                return exit.getId().equals(exit.getContainerId()) ? exit.getContainerId() : null;
            }
            String id = ContainerdEvents.ContainerEvent.parseFrom(event, none).getContainerId();
            return id.isEmpty() ? null : id;
        } catch (InvalidProtocolBufferException e) {
            return null; // a lost hint is harmless
        }
    }

    private static Instant instant(Timestamp wire) {
        return Instant.ofEpochSecond(wire.getSeconds(), wire.getNanos());
    }
}
