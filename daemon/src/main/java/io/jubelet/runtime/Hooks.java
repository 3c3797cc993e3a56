package io.jubelet.runtime;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Handler;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.probe.Target;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the hooks of containers, each on a thread of its own so that its caller can give it up.
 *
 * <p>Safe for use by many threads. Without hooks nothing is done and no thread is started.
 */
public final class Hooks {

    private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);

    /** How soon a hook without end is given up after its pod was removed or changed. */
    private static final Duration LOOK = Duration.ofMillis(250);

    private final RuntimeService runtime;
    private final List<String> hostIps;
    private final Function<PodName, Optional<Pod>> wanted;
    private final BiFunction<String, Runnable, Thread> startThread;
    private final InstantSource clock;

    /**
     * @param runtime runs commands
     * @param hostIps where pods on the host network are reached, the primary first; may be empty
     * @param wanted the version that a manifest asks for at this moment; must not block
     * @param startThread runs a hook, given a name and the work
     * @param clock of grace periods
     */
    public Hooks(
            RuntimeService runtime,
            List<String> hostIps,
            Function<PodName, Optional<Pod>> wanted,
            BiFunction<String, Runnable, Thread> startThread,
            InstantSource clock) {
        this.runtime = runtime;
        this.hostIps = List.copyOf(hostIps);
        this.wanted = wanted;
        this.startThread = startThread;
        this.clock = clock;
    }

    /** A hook that goes on; its result is there when its thread has ended. */
    private record Call(Thread thread, AtomicReference<Optional<String>> failure) {}

    private Call begin(String name, Handler handler, Pod pod, Target target) {
        AtomicReference<Optional<String>> failure = new AtomicReference<>(Optional.of("it was cut short"));
        Thread thread =
                startThread.apply(name + "/" + pod.name() + "/" + target.spec().name(), () -> {
                    try {
                        failure.set(new HookCalls(runtime).run(handler, pod, target));
                    } catch (CriException.Cancelled e) {
                        LOG.debug(
                                "pod={} container={} the hook was given up",
                                pod.name(),
                                target.spec().name(),
                                e);
                    }
                });
        return new Call(thread, failure);
    }

    private Target target(Pod pod, ContainerSpec spec, ObservedContainer container, ObservedPod observed) {
        return Target.of(pod, spec, container, observed, hostIps);
    }

    // --- postStart

    /**
     * Runs the postStart hook of a container that has just started, if it has one, to its end. It is given up when the
     * pod's manifest goes away or changes meanwhile: what hangs must not hold up its own end.
     *
     * @return why it failed; empty when it did not
     */
    Optional<String> postStart(Pod pod, ContainerSpec spec, ObservedContainer container, ObservedPod observed) {
        Optional<Handler> hook = spec.lifecycle().postStart();
        if (hook.isEmpty()) {
            return Optional.empty();
        }
        String wantedAtFirst = wantedUid(pod.name());
        Call call = begin("poststart", hook.get(), pod, target(pod, spec, container, observed));
        while (!ended(call, LOOK, "PostStart")) {
            if (!wantedUid(pod.name()).equals(wantedAtFirst)) {
                LOG.info(
                        "pod={} container={} its postStart hook is given up: the manifest changed",
                        pod.name(),
                        spec.name());
                call.thread().interrupt();
                return Optional.empty();
            }
        }
        Optional<String> failure = call.failure().get();
        failure.ifPresent(why -> LOG.warn("pod={} container={} FailedPostStartHook: {}", pod.name(), spec.name(), why));
        return failure;
    }

    private String wantedUid(PodName name) {
        return wanted.apply(name).map(Pod::uid).orElse("");
    }

    /** Stops a container whose postStart hook has failed, by the ordinary way: with its other hook and its grace. */
    void stop(Pod pod, ObservedContainer container, ObservedPod observed) {
        ContainerId id = container.id();
        Duration grace = pod.spec().terminationGracePeriod();
        Duration left = preStop(List.of(id), Map.of(id, pod), grace, observed).await(id, grace);
        runtime.stopContainer(id, left.compareTo(ContainerStopper.MIN_GRACE) < 0 ? ContainerStopper.MIN_GRACE : left);
    }

    private static boolean ended(Call call, Duration atMost, String operation) {
        try {
            return call.thread().join(atMost);
        } catch (InterruptedException e) {
            call.thread().interrupt();
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled(operation, "interrupted while a hook ran", e);
        }
    }

    // --- preStop

    /**
     * Begins the preStop hooks of containers that are about to be stopped, side by side.
     *
     * @param versions of those that have one
     * @param gracePeriod without any there is no hook either
     */
    PreStops preStop(
            List<ContainerId> ids, Map<ContainerId, Pod> versions, Duration gracePeriod, ObservedPod observed) {
        if (versions.isEmpty() || !gracePeriod.isPositive()) {
            return new PreStops(Map.of());
        }
        Map<ContainerId, Call> calls = new HashMap<>();
        for (ObservedContainer container : observed.containers()) {
            Pod pod = versions.get(container.id());
            if (pod == null || !ids.contains(container.id())) {
                continue;
            }
            pod.spec()
                    .container(container.name())
                    .ifPresent(spec -> spec.lifecycle()
                            .preStop()
                            .ifPresent(hook -> calls.put(
                                    container.id(),
                                    begin("prestop", hook, pod, target(pod, spec, container, observed)))));
        }
        return new PreStops(calls);
    }

    /** The preStop hooks under way. Safe for use by many threads, one for each container. */
    final class PreStops {

        private final Map<ContainerId, Call> calls;

        private PreStops(Map<ContainerId, Call> calls) {
            this.calls = calls;
        }

        /**
         * Waits for the end of a container's hook, but no longer than its grace; one that takes longer is given up.
         *
         * @return what is left of the grace: less by the whole seconds that this took
         */
        Duration await(ContainerId id, Duration grace) {
            Call call = calls.get(id);
            if (call == null) {
                return grace;
            }
            Instant begin = clock.instant();
            if (ended(call, grace, "PreStop")) {
                call.failure().get().ifPresent(why -> LOG.warn("container={} FailedPreStopHook: {}", id, why));
            } else {
                LOG.warn("container={} FailedPreStopHook: not done in {} s", id, grace.toSeconds());
                call.thread().interrupt();
            }
            Duration used =
                    Duration.ofSeconds(Duration.between(begin, clock.instant()).toSeconds());
            return used.isNegative() ? grace : grace.minus(used);
        }
    }
}
