/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.Probe;
import io.jubelet.pod.Probes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Replaces the probes of a daemon, and is lost with it: the driver decides the results for each instance. An instance that ran well before the daemon began counts as started and ready until something is said of it.
 */
final class ScheduleProbes {

    private static final Duration WELL_BEFORE = Duration.ofSeconds(10);

    private final ScheduleWorld world;
    private final Instant daemonStart;
    private final Map<ContainerId, ContainerHealth> said = new HashMap<>();

    ScheduleProbes(ScheduleWorld world) {
        this.world = world;
        this.daemonStart = world.time.instant();
    }

    /** The results that workers read. */
    Map<ContainerId, ContainerHealth> health(ObservedPod observed) {
        Map<ContainerId, ContainerHealth> health = new HashMap<>();
        for (ObservedContainer container : observed.containers()) {
            ContainerHealth one = said.get(container.id());
            if (one == null
                    && container.state() instanceof State.Running running
                    && started(running).isBefore(daemonStart.minus(WELL_BEFORE))) {
                one = ContainerHealth.WITHOUT_PROBES;
            }
            if (one != null) {
                health.put(container.id(), one);
                if (one.started()) {
                    world.container(container.id()).ifPresent(world.order::started);
                }
            }
        }
        return health;
    }

    private Instant started(State.Running running) {
        Instant started = running.startedAt();
        return started == null ? world.time.instant() : world.time.instant().minus(world.clock.age(started));
    }

    /** Whether a probe has demanded that this instance be stopped. */
    boolean failed(Container container) {
        ContainerHealth health = said.get(container.id());
        return health != null && health.failure().isPresent();
    }

    private List<Container> probed() {
        return world.running().stream()
                .filter(c -> world.spec(c).probes() != Probes.NONE && !failed(c))
                .toList();
    }

    /** Gives one probe of one container a new result, which may be a failure; returns false if there is none to give. */
    boolean change(int badNewsOneIn) {
        List<Container> probed = probed();
        if (probed.isEmpty()) {
            return false;
        }
        Container container = probed.get(world.random.nextInt(probed.size()));
        Probes probes = world.spec(container).probes();
        ContainerHealth now = said.getOrDefault(container.id(), ContainerHealth.unknown(probes));
        boolean fails = world.random.nextInt(badNewsOneIn) == 0;
        ContainerHealth next;
        if (fails && !now.started()) {
            next = failure(now, Probe.Kind.STARTUP);
        } else if (fails && probes.liveness().isPresent()) {
            next = failure(now, Probe.Kind.LIVENESS);
        } else {
            next = new ContainerHealth(true, probes.readiness().isEmpty() || !now.ready(), Optional.empty());
        }
        world.note("probes of " + container.metadata().name() + " " + container.id() + " say " + next);
        said.put(container.id(), next);
        return true;
    }

    private static ContainerHealth failure(ContainerHealth now, Probe.Kind kind) {
        return new ContainerHealth(
                now.started(), now.ready(), Optional.of(new ContainerHealth.Failure(kind, "no", Optional.empty())));
    }

    /** Lets all probes succeed; returns whether one had not. */
    boolean allWell() {
        boolean changed = false;
        for (Container container : probed()) {
            ContainerHealth before = said.put(container.id(), ContainerHealth.WITHOUT_PROBES);
            changed |= !Objects.equals(before, ContainerHealth.WITHOUT_PROBES);
        }
        return changed;
    }
}
