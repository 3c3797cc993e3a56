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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the hooks of containers, each on a thread of its own so that its caller can give it up.
 *
 * <p>Safe for use by many threads. Without hooks nothing is done and no thread is started.
 */
public final class Hooks {

    private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);

    /** Even a pod without any grace gets to see its stop signal. Source: the kubelet's minimum grace period. */
    private static final Duration MIN_GRACE = Duration.ofSeconds(2);

    private final RuntimeService runtime;
    private final List<String> hostIps;
    private final BackgroundTask.Starter beside;
    private final EventRecorder events;
    private final InstantSource clock;

    /**
     * @param runtime runs commands
     * @param hostIps where pods on the host network are reached, the primary first; may be empty
     * @param beside runs a hook
     * @param events told of hooks that fail
     * @param clock of grace periods
     */
    public Hooks(
            RuntimeService runtime,
            List<String> hostIps,
            BackgroundTask.Starter beside,
            EventRecorder events,
            InstantSource clock) {
        this.runtime = runtime;
        this.hostIps = List.copyOf(hostIps);
        this.beside = beside;
        this.events = events;
        this.clock = clock;
    }

    /** A hook that goes on; its result is there when its work has ended. */
    private record Call(Pod pod, String container, BackgroundTask work, AtomicReference<Optional<String>> failure) {}

    private Call begin(String name, Handler handler, Pod pod, ProbeTarget target) {
        AtomicReference<Optional<String>> failure = new AtomicReference<>(Optional.of("it was cut short"));
        BackgroundTask work =
                beside.start(name + "/" + pod.name() + "/" + target.spec().name(), () -> {
                    try {
                        failure.set(new HookRunner(runtime).run(handler, pod, target));
                    } catch (CriException.Cancelled e) {
                        LOG.debug(
                                "pod={} container={} the hook was given up",
                                pod.name(),
                                target.spec().name(),
                                e);
                    }
                });
        return new Call(pod, target.spec().name(), work, failure);
    }

    private ProbeTarget target(Pod pod, ContainerSpec spec, ObservedContainer container, ObservedPod observed) {
        return ProbeTarget.of(pod, spec, container, observed, hostIps);
    }

    // --- postStart

    /**
     * Runs the postStart hook of a container that has just started, if it has one, to its end. It is given up when
     * something else is wanted of the pod meanwhile: what hangs must not hold up its own end.
     *
     * @return why it failed; empty when it did not
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
        Call call = begin("poststart", hook.get(), pod, target(pod, spec, container, observed));
        try {
            cancellation.awaitEnd(call.work());
        } catch (InterruptedException e) {
            throw interrupted(call, "PostStart", e);
        }
        Optional<String> failure = call.failure().get();
        if (failure.isPresent() && cancellation.cancelled()) {
            LOG.info(
                    "pod={} container={} its postStart hook is given up: the manifest changed",
                    pod.name(),
                    spec.name());
            return Optional.empty();
        }
        failure.ifPresent(why -> {
            failed(call, "PostStart", why);
            events.normal(pod, spec.name(), "Killing", "FailedPostStartHook");
        });
        return failure;
    }

    private void failed(Call call, String which, String why) {
        LOG.warn("pod={} container={} Failed{}Hook: {}", call.pod().name(), call.container(), which, why);
        events.warning(call.pod(), call.container(), "Failed" + which + "Hook", which + "Hook failed: " + why);
    }

    /** Stops a container whose postStart hook has failed, by the ordinary way: with its other hook and its grace. */
    void stop(Pod pod, ObservedContainer container, ObservedPod observed) {
        ContainerId id = container.id();
        Duration grace = pod.spec().terminationGracePeriod();
        runtime.stopContainer(
                id, beforeStop(List.of(id), Map.of(id, pod), grace, observed).await(id, grace));
    }

    private static CriException.Cancelled interrupted(Call call, String operation, InterruptedException e) {
        call.work().interrupt();
        Thread.currentThread().interrupt();
        return new CriException.Cancelled(operation, "interrupted while a hook ran", e);
    }

    // --- before a stop

    /**
     * Begins the preStop hooks of containers that are about to be stopped, side by side.
     *
     * @param versions of those that have something to be done before
     * @param gracePeriod without any there is no hook
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
                    calls.put(id, begin("prestop", lifecycle.preStop().get(), pod, target));
                }
                if (!lifecycle.stopSignal().isEmpty()) {
                    signals.put(id, lifecycle.stopSignal());
                }
            }
        }
        return new BeforeStop(calls, signals);
    }

    /** What comes before the stop of some containers. Safe for use by many threads, one for each container. */
    final class BeforeStop {

        private final Map<ContainerId, Call> calls;
        private final Map<ContainerId, String> signals;

        private BeforeStop(Map<ContainerId, Call> calls, Map<ContainerId, String> signals) {
            this.calls = calls;
            this.signals = signals;
        }

        /**
         * Waits for the end of a container's hook, but no longer than its grace; one that takes longer is given up. Then
         * sees to its own stop signal.
         *
         * @return how long the runtime shall wait for the end: less by the whole seconds that the hook took, but enough to
         *     see the signal; zero after a signal of ours
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
            Instant begin = clock.instant();
            if (ended(call, grace)) {
                call.failure().get().ifPresent(why -> failed(call, "PreStop", why));
            } else {
                failed(call, "PreStop", "not done in " + grace.toSeconds() + " s");
                call.work().interrupt();
            }
            return Math.clamp(Duration.between(begin, clock.instant()).toSeconds(), 0, Math.max(0, grace.toSeconds()));
        }

        private static boolean ended(Call call, Duration atMost) {
            try {
                return call.work().awaitEnd(atMost);
            } catch (InterruptedException e) {
                throw interrupted(call, "PreStop", e);
            }
        }
    }
}
