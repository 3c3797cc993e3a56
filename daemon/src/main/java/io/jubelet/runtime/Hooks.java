/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Handler;
import io.jubelet.pod.LifecycleHooks;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.probe.ProbeTarget;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
    static final Duration MIN_GRACE = Duration.ofSeconds(2);

    private final RuntimeService runtime;
    private final Supplier<List<String>> hostIps;
    private final BackgroundTask.Starter beside;
    private final EventRecorder events;
    private final Consumer<PodName> wake;
    private final InstantSource clock;
    private final Map<ContainerId, PostStart> afterStart = new ConcurrentHashMap<>();

    /**
     * @param runtime runs the commands of hooks
     * @param hostIps the present IP addresses of pods on the host network, the primary one first; may be empty
     * @param beside runs hooks
     * @param events receives warnings about hooks that fail
     * @param wake wakes the worker of a pod when a postStart hook ends
     * @param clock measures grace periods
     */
    public Hooks(
            RuntimeService runtime,
            Supplier<List<String>> hostIps,
            BackgroundTask.Starter beside,
            EventRecorder events,
            Consumer<PodName> wake,
            InstantSource clock) {
        this.runtime = runtime;
        this.hostIps = Objects.requireNonNull(hostIps, "hostIps");
        this.beside = beside;
        this.events = events;
        this.wake = Objects.requireNonNull(wake, "wake");
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

    /** A postStart hook that runs or has failed. The worker of the pod starts and abandons it; its own thread ends it. */
    private static final class PostStart {
        final Pod pod;
        final String container;
        /** Set by the worker before it looks at the hook again. */
        @Nullable
        BackgroundTask task;
        /** Why it failed; empty while it runs. */
        volatile Optional<String> failure = Optional.empty();

        PostStart(Pod pod, String container) {
            this.pod = pod;
            this.container = container;
        }
    }

    /**
     * Begins the postStart hook of a container that has just started, if it has one. When it ends, the worker of the pod is woken;
     * {@link #seenIn} tells how it ended. Only the worker of the pod may call this.
     */
    void postStart(Pod pod, ContainerSpec spec, ObservedContainer container, ObservedPod observed) {
        Optional<Handler> handler = spec.hooks().postStart();
        if (handler.isEmpty()) {
            return;
        }
        ProbeTarget target = target(pod, spec, container, observed);
        PostStart hook = new PostStart(pod, spec.name());
        afterStart.put(container.id(), hook);
        hook.task = beside.start(
                "poststart/" + pod.name() + "/" + spec.name(), () -> runPostStart(handler.get(), hook, target));
    }

    private void runPostStart(Handler handler, PostStart hook, ProbeTarget target) {
        Optional<String> failure;
        try {
            failure = new HookRunner(runtime).run(handler, hook.pod, target);
        } catch (CriException.Cancelled e) {
            LOG.debug("abandoned a hook: pod={} container={}", hook.pod.name(), hook.container, e);
            return;
        } catch (RuntimeException e) {
            LOG.error("pod={} container={} internal error in a postStart hook", hook.pod.name(), hook.container, e);
            failure = Optional.of("internal error: " + e);
        }
        if (failure.isEmpty()) {
            afterStart.remove(target.id(), hook);
        } else if (afterStart.get(target.id()) == hook) {
            hook.failure = failure;
            failed(hook.pod, hook.container, "PostStart", failure.get());
        }
        wake.accept(hook.pod.name());
    }

    /** Gives up the postStart hook of a container that is about to be stopped or does not run any more, if it has one. */
    void abandon(ContainerId id) {
        PostStart hook = afterStart.remove(id);
        if (hook != null && hook.failure.isEmpty() && hook.task != null) {
            hook.task.interrupt();
            LOG.info(
                    "abandoned a postStart hook because its container ends: pod={} container={}",
                    hook.pod.name(),
                    hook.container);
        }
    }

    /**
     * Returns a pod with those of its containers {@linkplain State.Starting starting} whose postStart hook runs or has failed.
     * Abandons the hooks of the pod whose container does not run any more. Only the worker of the pod may call this.
     */
    ObservedPod seenIn(ObservedPod observed) {
        ObservedPod seen = observed.asListed();
        if (afterStart.isEmpty()) {
            return seen;
        }
        for (Map.Entry<ContainerId, PostStart> entry : afterStart.entrySet()) {
            PostStart hook = entry.getValue();
            if (hook.pod.name().equals(observed.name())) {
                ObservedPod before = seen;
                seen = withHook(entry.getKey(), hook, before);
                if (seen == before) {
                    abandon(entry.getKey());
                }
            }
        }
        return seen;
    }

    private static ObservedPod withHook(ContainerId id, PostStart hook, ObservedPod listed) {
        for (ObservedContainer container : listed.containers()) {
            if (container.id().equals(id) && container.state() instanceof State.Running running) {
                return listed.with(container.in(new State.Starting(running.startedAt(), hook.failure)));
            }
        }
        return listed;
    }

    private void failed(Pod pod, String container, String which, String why) {
        LOG.warn("{} hook failed: pod={} container={} error=\"{}\"", which, pod.name(), container, why);
        events.warning(pod, container, "Failed" + which + "Hook", which + "Hook failed: " + why);
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
        return new BeforeStop(gracePeriod, calls, signals);
    }

    /**
     * What comes before the stop of some containers. Safe for use by many threads, one for each
     * container.
     */
    final class BeforeStop {

        private final Duration total;
        private final Map<ContainerId, Call> calls;
        private final Map<ContainerId, String> signals;

        private BeforeStop(Duration total, Map<ContainerId, Call> calls, Map<ContainerId, String> signals) {
            this.total = total;
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
                call.failure().get().ifPresent(why -> failed(call.pod(), call.container(), "PreStop", why));
            } else {
                failed(call.pod(), call.container(), "PreStop", "not done in " + total.toSeconds() + " s");
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
