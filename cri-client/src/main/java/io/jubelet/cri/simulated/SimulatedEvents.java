/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.ContainerEventResponse;
import io.jubelet.cri.ContainerEventType;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.PodSandboxStatus;
import io.jubelet.cri.RuntimeEvent;
import io.jubelet.cri.RuntimeEvent.Kind;
import io.jubelet.cri.RuntimeEvents;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Delivers events to all open streams. */
final class SimulatedEvents implements RuntimeEvents {
    private final SimulatedClock clock;
    private final Set<SimulatedStream<?>> streams = ConcurrentHashMap.newKeySet();
    private volatile boolean down;
    private volatile boolean silent;
    private volatile boolean missing;

    SimulatedEvents(SimulatedClock clock) {
        this.clock = clock;
    }

    /** Sets whether all events are dropped while the streams stay open. */
    void silent(boolean isSilent) {
        silent = isSilent;
    }

    /** Sets whether there are no event streams, as with an old runtime. */
    void missing(boolean isMissing) {
        missing = isMissing;
    }

    void down(boolean isDown) {
        down = isDown;
        if (isDown) {
            for (SimulatedStream<?> stream : streams) {
                stream.breakStream();
            }
            streams.clear();
        }
    }

    @Override
    public Optional<EventStream<RuntimeEvent>> open(Set<Kind> kinds) {
        // Delivers all kinds, as the event stream of the CRI does.
        return missing ? Optional.empty() : Optional.of(open("GetContainerEvents", SimulatedEvents::hint));
    }

    EventStream<ContainerEventResponse> containerEvents() {
        if (missing) {
            throw new CriException.Unimplemented("GetContainerEvents", "the simulated runtime has no events");
        }
        return open("GetContainerEvents", Function.identity());
    }

    private <E> SimulatedStream<E> open(String operation, Function<ContainerEventResponse, E> map) {
        if (down) {
            throw new CriException.Unavailable(operation, "the simulated runtime is down");
        }
        SimulatedStream<E> stream = new SimulatedStream<>(operation, map, streams::remove);
        streams.add(stream);
        return stream;
    }

    void publish(ContainerEventType type, SimulatedSandbox sandbox) {
        publish(type, sandbox.id.value(), sandbox);
    }

    void publish(ContainerEventType type, SimulatedContainer container) {
        publish(type, container.id.value(), container.sandbox);
    }

    private void publish(ContainerEventType type, String id, SimulatedSandbox sandbox) {
        if (silent || streams.isEmpty()) {
            return;
        }
        List<ContainerStatus> statuses =
                sandbox.containers.stream().map(SimulatedContainer::status).toList();
        ContainerEventResponse event =
                new ContainerEventResponse(new ContainerId(id), type, clock.instant(), sandbox.status(), statuses);
        for (SimulatedStream<?> stream : streams) {
            stream.add(event);
        }
    }

    private static RuntimeEvent hint(ContainerEventResponse event) {
        Kind kind = switch (event.containerEventType()) {
            case CREATED -> Kind.CREATED;
            case STARTED -> Kind.STARTED;
            case STOPPED -> Kind.STOPPED;
            case DELETED -> Kind.DELETED;
        };
        PodSandboxStatus sandbox = Objects.requireNonNull(event.podSandboxStatus(), "podSandboxStatus");
        return new RuntimeEvent(
                kind,
                event.containerId().value(),
                sandbox.id(),
                sandbox.metadata().uid(),
                Objects.requireNonNull(event.createdAt(), "createdAt"));
    }
}
