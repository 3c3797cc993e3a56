/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.RuntimeEvent;
import io.jubelet.cri.RuntimeEvents;
import io.jubelet.cri.proto.ContainerdEvents;
import io.jubelet.cri.proto.Cri;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Events of the CRI or, if the runtime does not have these, of containerd, which serves both on one
 * socket.
 */
final class GrpcRuntimeEvents implements RuntimeEvents {
    /**
     * How long to wait for the rejection of a stream after another call was answered. A runtime
     * rejects a stream that it does not have at once, but is silent on one that it has until there
     * is an event. Events in the meantime are in the stream.
     */
    private static final Duration REJECTION_WAIT = Duration.ofMillis(100);

    private final GrpcStub cri;
    private final GrpcStub containerd;

    GrpcRuntimeEvents(GrpcStub cri, GrpcStub containerd) {
        this.cri = cri;
        this.containerd = containerd;
    }

    @Override
    public Optional<EventStream<RuntimeEvent>> open(Set<RuntimeEvent.Kind> kinds) {
        return ifSupported(criEvents()).or(() -> ifSupported(containerdEvents(kinds)));
    }

    private Optional<EventStream<RuntimeEvent>> ifSupported(GrpcStream<RuntimeEvent> stream) {
        try {
            awaitAnyResponse();
            if (stream.staysOpen(REJECTION_WAIT)) {
                return Optional.of(stream);
            }
        } catch (CriException e) {
            stream.close();
            throw e;
        }
        return switch (stream.failure()) {
            case CriException.Unavailable e -> throw e;
            case CriException.Cancelled e -> throw e;
            // A runtime can implement the call and reject it because the feature is disabled.
            case CriException.Unimplemented _,
                    CriException.Rejected _,
                    CriException.Failed _,
                    CriException.NotFound _,
                    CriException.AlreadyExists _,
                    CriException.DeadlineExceeded _ -> Optional.empty();
        };
    }

    private void awaitAnyResponse() {
        try {
            cri.call("Version", Cri.VersionRequest.getDefaultInstance(), Cri.VersionResponse.getDefaultInstance());
        } catch (CriException.Unimplemented _) {
            // The runtime has responded.
        }
    }

    private GrpcStream<RuntimeEvent> criEvents() {
        return cri.events(
                "GetContainerEvents",
                Cri.GetEventsRequest.getDefaultInstance(),
                Cri.ContainerEventResponse.getDefaultInstance(),
                EventMapping::fromWire);
    }

    private GrpcStream<RuntimeEvent> containerdEvents(Set<RuntimeEvent.Kind> kinds) {
        return containerd.events(
                "Subscribe",
                ContainerdEvents.SubscribeRequest.newBuilder()
                        .addFilters(filter(kinds))
                        .build(),
                ContainerdEvents.Envelope.getDefaultInstance(),
                EventMapping::fromWire);
    }

    /**
     * Selects the namespace of the CRI and the events that change the state of a container, without
     * those of execs.
     */
    private static String filter(Set<RuntimeEvent.Kind> kinds) {
        return kinds.stream()
                .map(GrpcRuntimeEvents::topics)
                .collect(Collectors.joining("|", "namespace==k8s.io,topic~=\"^/(", ")$\""));
    }

    private static String topics(RuntimeEvent.Kind kind) {
        return switch (kind) {
            case CREATED -> "containers/create|tasks/create";
            case STARTED -> "tasks/start";
            case STOPPED -> "tasks/exit";
            case DELETED -> "containers/delete|tasks/delete";
            case OOM -> "tasks/oom";
            case OTHER -> "tasks/paused|tasks/resumed";
        };
    }
}
