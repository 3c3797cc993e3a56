/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Probe;
import io.jubelet.pod.Probes;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One container instance and its probes. Guarded by the lock of {@link ProbeScheduler}. */
final class ProbedContainer {

    final Pod version;
    final PodName pod;
    final ProbeTarget target;
    private final Map<Probe.Kind, ProbeRun> runs = new EnumMap<>(Probe.Kind.class);

    /**
     * @param version the pod version that the container was created for
     * @param now the time of the clock of the runs
     * @param ranFor how long the container has been running, zero or more
     * @param jitter how much of a period to wait before the first attempts, from 0 to less than 1
     * @param previous its health before the daemon started, which it keeps until its probes change
     *     it; empty if it is new
     */
    ProbedContainer(
            Pod version,
            ProbeTarget target,
            long now,
            Duration ranFor,
            double jitter,
            Optional<ContainerHealth> previous) {
        this.version = version;
        this.pod = version.name();
        this.target = target;
        Probes probes = target.spec().probes();
        for (Probe.Kind kind : Probe.Kind.values()) {
            probes.of(kind).ifPresent(probe -> {
                long delay = Math.max(0, probe.initialDelay().minus(ranFor).toNanos());
                long wait = (long) (jitter * probe.period().toNanos());
                runs.put(kind, new ProbeRun(this, kind, probe, now + delay + wait, initialResult(kind, previous)));
            });
        }
    }

    private static Optional<Boolean> initialResult(Probe.Kind kind, Optional<ContainerHealth> previous) {
        return switch (kind) {
            case STARTUP -> previous.map(ContainerHealth::started).filter(started -> started);
            case LIVENESS -> Optional.of(true);
            case READINESS ->
                Optional.of(previous.filter(ContainerHealth::ready).isPresent());
        };
    }

    Optional<ProbeRun> run(Probe.Kind kind) {
        return Optional.ofNullable(runs.get(kind));
    }

    /** The probes that are active: only the startup probe before the container has started. */
    Iterable<ProbeRun> active() {
        ProbeRun startup = runs.get(Probe.Kind.STARTUP);
        return startup == null || startup.result().equals(Optional.of(true)) ? runs.values() : List.of(startup);
    }

    /** Makes no more attempts; the results stay. */
    void end() {
        runs.values().forEach(ProbeRun::end);
    }

    /**
     * Makes no more attempts except of the readiness probe, because the container is terminating.
     */
    void endAllButReadiness() {
        run(Probe.Kind.STARTUP).ifPresent(ProbeRun::end);
        run(Probe.Kind.LIVENESS).ifPresent(ProbeRun::end);
    }

    ContainerHealth health() {
        boolean started = isHealthy(Probe.Kind.STARTUP);
        Optional<ContainerHealth.Failure> failure = failure(Probe.Kind.STARTUP).or(() -> failure(Probe.Kind.LIVENESS));
        return new ContainerHealth(started, started && isHealthy(Probe.Kind.READINESS), failure);
    }

    private boolean isHealthy(Probe.Kind kind) {
        ProbeRun run = runs.get(kind);
        return run == null || run.result().orElse(false);
    }

    private Optional<ContainerHealth.Failure> failure(Probe.Kind kind) {
        return run(kind)
                .filter(run -> run.result().equals(Optional.of(false)))
                .map(run -> new ContainerHealth.Failure(kind, run.message(), run.probe.terminationGracePeriod()));
    }
}
