/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.concurrent.CancellationToken;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Handler;
import io.jubelet.pod.LifecycleHooks;
import io.jubelet.pod.Pod;
import io.jubelet.probe.ProbeTarget;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the lifecycle hooks of containers, each on a thread of its own so that the caller can
 * abandon it. A pod without hooks starts no thread.
 *
 * <p>Safe for use by many threads.
 */
public final class Hooks {

    private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);

    /**
     * The least time between the stop signal and SIGKILL. Source: the kubelet's minimum grace
     * period.
     */
    private static final Duration MIN_GRACE = Duration.ofSeconds(2);

    private final RuntimeService runtime;
    private final Supplier<List<String>> hostIps;
    private final BackgroundTask.Starter beside;
    private final EventRecorder events;
    private final InstantSource clock;

    /**
     * @param runtime runs the commands of hooks
     * @param hostIps the present IP addresses of pods on the host network, the primary one first; may be empty
     * @param beside runs hooks
     * @param events receives warnings about hooks that fail
     * @param clock measures grace periods
     */
    public Hooks(
            RuntimeService runtime,
            Supplier<List<String>> hostIps,
            BackgroundTask.Starter beside,
            EventRecorder events,
            InstantSource clock) {
        this.runtime = runtime;
        this.hostIps = Objects.requireNonNull(hostIps, "hostIps");
        this.beside = beside;
        this.events = events;
        this.clock = clock;
    }

    /** A hook that runs. The end of the task publishes why it failed; empty if it succeeded. */
    private record Call(Pod pod, String container, BackgroundTask task, AtomicReference<Optional<String>> failure) {}

    private Call start(String name, Handler handler, Pod pod, ProbeTarget target) {
        AtomicReference<Optional<String>> failure = new AtomicReference<>(Optional.of("the hook was interrupted"));
        BackgroundTask task =
                beside.start(name + "/" + pod.name() + "/" + target.spec().name(), () -> {
                    try {
                        failure.set(new HookRunner(runtime).run(handler, pod, target));
                    } catch (CriException.Cancelled e) {
                        LOG.debug(
                                "abandoned a hook: pod={} container={}",
                                pod.name(),
                                target.spec().name(),
                                e);
                    }
                });
        return new Call(pod, target.spec().name(), task, failure);
    }

    private ProbeTarget target(Pod pod, ContainerSpec spec, ObservedContainer container, ObservedPod observed) {
        return ProbeTarget.of(pod, spec, container, observed, hostIps.get());
    }

    // --- postStart

    /**
     * Runs the postStart hook of a container that has just started, if it has one, to its end. The
     * hook is abandoned when the action is cancelled, so that a hook that hangs cannot delay the
     * stop of its container.
     *
     * @return why it failed or that it was abandoned; empty if it succeeded
     */
    Optional<String> postStart(
            Pod pod,
            ContainerSpec spec,
            ObservedContainer container,
            ObservedPod observed,
            CancellationToken cancellation) {
        Optional<Handler> hook = spec.hooks().postStart();
        if (hook.isEmpty()) {
            return Optional.empty();
        }
        Call call = start("poststart", hook.get(), pod, target(pod, spec, container, observed));
        try {
            cancellation.awaitEnd(call.task());
        } catch (InterruptedException e) {
            throw interrupted(call, "PostStart", e);
        }
        Optional<String> failure = call.failure().get();
        if (failure.isPresent() && cancellation.cancelled()) {
            LOG.info(
                    "abandoned a postStart hook because the manifest changed: pod={} container={}",
                    pod.name(),
                    spec.name());
            return Optional.of("the hook was abandoned because the manifest changed");
        }
        failure.ifPresent(why -> {
            failed(call, "PostStart", why);
            events.normal(pod, spec.name(), "Killing", "FailedPostStartHook");
        });
        return failure;
    }

    private void failed(Call call, String which, String why) {
        LOG.warn(
                "{} hook failed: pod={} container={} error=\"{}\"",
                which,
                call.pod().name(),
                call.container(),
                why);
        events.warning(call.pod(), call.container(), "Failed" + which + "Hook", which + "Hook failed: " + why);
    }

    /**
     * Stops a container whose postStart hook has failed, with its preStop hook and its grace
     * period.
     */
    void stop(Pod pod, ObservedContainer container, ObservedPod observed) {
        ContainerId id = container.id();
        Duration grace = pod.spec().terminationGracePeriod();
        runtime.stopContainer(
                id, beforeStop(List.of(id), Map.of(id, pod), grace, observed).await(id, grace));
    }

    private static CriException.Cancelled interrupted(Call call, String operation, InterruptedException e) {
        call.task().interrupt();
        Thread.currentThread().interrupt();
        return new CriException.Cancelled(operation, "interrupted while a hook ran", e);
    }

    // --- before a stop

    /**
     * Starts the preStop hooks of containers that are about to be stopped, in parallel.
     *
     * @param versions the pod versions of those containers that have a hook or a stop signal
     * @param gracePeriod if it is zero, no hook runs
     */
    BeforeStop beforeStop(
            List<ContainerId> ids, Map<ContainerId, Pod> versions, Duration gracePeriod, ObservedPod observed) {
        Map<ContainerId, Call> calls = new HashMap<>();
        Map<ContainerId, String> signals = new HashMap<>();
        for (ContainerId id : ids) {
            Pod pod = versions.get(id);
            if (pod == null) {
                continue;
            }
            for (ObservedContainer container : observed.containers()) {
                Optional<ContainerSpec> spec = pod.spec().container(container.name());
                if (!container.id().equals(id) || spec.isEmpty()) {
                    continue;
                }
                LifecycleHooks lifecycle = spec.get().hooks();
                if (lifecycle.preStop().isPresent() && gracePeriod.isPositive()) {
                    ProbeTarget target = target(pod, spec.get(), container, observed);
                    calls.put(id, start("prestop", lifecycle.preStop().get(), pod, target));
                }
                if (!lifecycle.stopSignal().isEmpty()) {
                    signals.put(id, lifecycle.stopSignal());
                }
            }
        }
        return new BeforeStop(calls, signals);
    }

    /**
     * What comes before the stop of some containers. Safe for use by many threads, one for each
     * container.
     */
    final class BeforeStop {

        private final Map<ContainerId, Call> calls;
        private final Map<ContainerId, String> signals;

        private BeforeStop(Map<ContainerId, Call> calls, Map<ContainerId, String> signals) {
            this.calls = calls;
            this.signals = signals;
        }

        /**
         * Waits for the end of a container's hook, at most for the grace period, and abandons it
         * after that. Then sends the stop signal if the runtime does not.
         *
         * @return how long the runtime must wait between the stop signal and SIGKILL: the grace
         *     period minus the whole seconds that the hook took, but at least two seconds; zero if
         *     the signal was sent here
         */
        Duration await(ContainerId id, Duration grace) {
            Duration left = grace;
            Call call = calls.get(id);
            if (call != null) {
                left = grace.minusSeconds(finished(call, grace));
            }
            left = left.compareTo(MIN_GRACE) < 0 ? MIN_GRACE : left;
            String signal = signals.get(id);
            return signal == null ? left : new StopSignals(runtime).send(id, signal, left);
        }

        private long finished(Call call, Duration grace) {
            Instant start = clock.instant();
            if (ended(call, grace)) {
                call.failure().get().ifPresent(why -> failed(call, "PreStop", why));
            } else {
                failed(call, "PreStop", "not done in " + grace.toSeconds() + " s");
                call.task().interrupt();
            }
            return Math.clamp(Duration.between(start, clock.instant()).toSeconds(), 0, Math.max(0, grace.toSeconds()));
        }

        private static boolean ended(Call call, Duration atMost) {
            try {
                return call.task().awaitEnd(atMost);
            } catch (InterruptedException e) {
                throw interrupted(call, "PreStop", e);
            }
        }
    }
}
