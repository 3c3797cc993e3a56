/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ExecResult;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.simulated.ManualClock;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.PodAction.StopContainers;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Handler;
import io.jubelet.pod.LifecycleHooks;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.runtime.ContainerStopper;
import io.jubelet.runtime.Hooks;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long the stop of a pod takes, by its containers, their hooks, and what they do about the stop signal. */
class StopTimesTest {

    private static final Duration GRACE = Duration.ofSeconds(30);
    private static final long ENDLESS = 100_000;

    private final ManualClock time = SimulatedClock.manual(Instant.parse("2026-01-01T12:00:00Z"));
    private final DeterministicScheduler scheduler = new DeterministicScheduler(time);
    private final List<String> stopped = new ArrayList<>();
    /** How many seconds each container runs on after its stop signal. */
    private final Map<String, Long> endAfter = new HashMap<>();

    private final Map<String, Long> hookTakes = new HashMap<>();

    private final RuntimeService runtime = (RuntimeService) Proxy.newProxyInstance(
            RuntimeService.class.getClassLoader(), new Class<?>[] {RuntimeService.class}, (_, method, arguments) -> {
                String container = arguments[0].toString();
                switch (method.getName()) {
                    case "stopContainer" -> {
                        stopped.add(container);
                        Duration ends = Duration.ofSeconds(endAfter.get(container));
                        Duration kill = (Duration) arguments[1];
                        scheduler.passTime("StopContainer", ends.compareTo(kill) < 0 ? ends : kill);
                        return null;
                    }
                    case "execSync" -> {
                        scheduler.passTime("ExecSync", Duration.ofSeconds(hookTakes.get(container)));
                        if (scheduler.current().interrupted()) {
                            throw new CriException.Cancelled("ExecSync", "interrupted");
                        }
                        return new ExecResult(new byte[0], new byte[0], 0);
                    }
                    case "containerStatus" -> throw new CriException.NotFound("ContainerStatus", container);
                    default -> throw new AssertionError(method.getName());
                }
            });

    /**
     * Each container is {@code hook/end}: the seconds that its preStop hook takes, none if it has no hook, and those from its stop
     * signal to its end. {@code *} is without end.
     *
     * @param main stopped at the same time
     * @param sidecars in the order of their stop
     * @param takes the seconds from the first call to the end of the last container
     */
    @ParameterizedTest
    @CsvSource({
        // without sidecars
        "/1,                '',             1",
        "/1 /5,             '',             5",
        "/*,                '',             30",
        "3/1,               '',             4",
        "3/*,               '',             30",
        "29/*,              '',             31",
        "*/1,               '',             31",
        "*/*,               '',             32",
        "*/* /1 7/1,        '',             32",
        // with sidecars, within the grace period
        "/1,                /1,             2",
        "/5,                /1 /1 /1,       8",
        "/5,                9/1 /1,         11",
        "2/3 /1,            /10 1/4 /2,     21",
        // the grace period is over before the turn of a sidecar
        "/*,                /1,             31",
        "/*,                /* /* /*,       32",
        "*/*,               /* /* /*,       32",
        "*/*,               */* */* */*,    32",
        "/1,                /* /* /*,       32",
        "/1,                */* */* */*,    32",
        "/1,                /27 /* /*,      32",
        "/29,               /* /* /1,       32",
        "29/*,              29/* /1 /*,     32",
        "/1,                /10 */* /1,     32",
    })
    void aStopTakes(String main, String sidecars, long takes) {
        Instant begin = time.instant();
        List<ContainerId> ids = containers("m", main);
        List<ContainerId> later = containers("s", sidecars);
        run(ids, later);
        assertEquals(takes, Duration.between(begin, time.instant()).toSeconds());
        assertEquals(ids.size() + later.size(), stopped.size(), () -> "each is stopped once: " + stopped);
        assertTrue(
                Duration.between(begin, time.instant()).compareTo(GRACE.plusSeconds(2)) <= 0,
                "no longer than the grace period and what the runtime gives at least");
        if (takes < GRACE.toSeconds()) {
            assertEquals(
                    later.stream().map(ContainerId::value).toList(),
                    stopped.subList(ids.size(), stopped.size()),
                    "within the grace period sidecars are stopped in their order");
        }
    }

    private final List<ContainerSpec> specs = new ArrayList<>();

    private List<ContainerId> containers(String prefix, String words) {
        List<ContainerId> ids = new ArrayList<>();
        for (String word : words.isEmpty() ? new String[0] : words.split(" ")) {
            String name = prefix + ids.size();
            String hook = word.substring(0, word.indexOf('/'));
            endAfter.put(name, seconds(word.substring(word.indexOf('/') + 1)));
            Optional<Handler> preStop =
                    hook.isEmpty() ? Optional.empty() : Optional.of(new Handler.Exec(List.of("hook")));
            preStop.ifPresent(_ -> hookTakes.put(name, seconds(hook)));
            specs.add(TestPods.spec(name)
                    .hooks(new LifecycleHooks(Optional.empty(), preStop, ""))
                    .build());
            ids.add(new ContainerId(name));
        }
        return ids;
    }

    private static long seconds(String text) {
        return text.equals("*") ? ENDLESS : Long.parseLong(text);
    }

    private void run(List<ContainerId> ids, List<ContainerId> sidecars) {
        Pod pod = TestPods.with(
                TestPods.pod("a", RestartPolicy.Always, "m0"),
                PodSpec.builder(specs).build());
        ObservedPod observed = ObservedPod.none(pod.name());
        Map<ContainerId, Pod> withHooks = new HashMap<>();
        for (ContainerSpec spec : specs) {
            ContainerId id = new ContainerId(spec.name());
            observed = observed.with(new ObservedContainer(
                    id,
                    new PodSandboxId("s"),
                    pod.uid(),
                    spec.name(),
                    new ObservedContainer.State.Running(time.instant()),
                    "",
                    time.instant(),
                    new ObservedContainer.Restarts(0, Duration.ZERO)));
            withHooks.put(id, pod);
        }
        Hooks hooks = new Hooks(runtime, List::of, scheduler::start, new EventRecorder(time, () -> {}), _ -> {}, time);
        ContainerStopper stopper = new ContainerStopper(runtime, scheduler::start, hooks, time);
        StopContainers stop = new StopContainers(ids, sidecars, GRACE, withHooks, "");
        ObservedPod before = observed;
        scheduler.start("stop", () -> stopper.stop(stop, before));
        while (scheduler.busy()) {
            if (scheduler.runnable().isEmpty()) {
                time.advance(Duration.between(time.instant(), scheduler.nextUrgent()));
            } else {
                scheduler.run(scheduler.runnable().getFirst());
            }
        }
    }
}
