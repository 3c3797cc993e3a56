/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.admission.Admission;
import io.jubelet.admission.NodeAllocatable;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.CriException;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.desired.DesiredPods;
import io.jubelet.events.Event;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.PodObserver;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.ContainerGcPolicy;
import io.jubelet.plan.ImageState;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.PodPlanner;
import io.jubelet.plan.RestartBackoff;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.pod.RestartPolicy;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A daemon that stops interrupts its workers, wherever they are. */
class InterruptedWorkerTest {

    private static final Pod POD = TestPods.pod("1", RestartPolicy.Always, "app");

    private final List<PodView> views = new ArrayList<>();

    private static ActionExecutor executor(InvocationHandler execute) {
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "execute" -> execute.invoke(proxy, method, arguments);
            case "withHooks" -> arguments[0];
            case "images" -> ImageStates.of(List.of(POD), (_, _) -> new ImageState.Unknown());
            default -> Optional.empty();
        };
        return (ActionExecutor) Proxy.newProxyInstance(
                ActionExecutor.class.getClassLoader(), new Class<?>[] {ActionExecutor.class}, handler);
    }

    @Test
    void aFileCallThatAnInterruptEndsIsNoFailureOfThePod() {
        DesiredPods desired = new DesiredPods(Map.of(POD.name(), POD), List.of());
        NodeClock clock = new NodeClock(() -> TestPods.NOW, () -> TestPods.NOW);
        EventRecorder events = new EventRecorder(() -> TestPods.NOW, () -> {});
        Admission admission =
                new Admission(new NodeAllocatable("node1", Map.of(), 110, Map::of), () -> desired, _ -> {});
        admission.listed(Set.of());
        PodWorker worker = new PodWorker(
                POD.name(),
                new WorkerContext(
                        new WorkerContext.Inputs(
                                () -> desired,
                                new PodObserver(
                                        SimulatedRuntime.create(SimulatedClock.manual(TestPods.NOW))
                                                .runtimeService(),
                                        NodeNames.of("node1"),
                                        clock),
                                _ -> Map.of()),
                        new WorkerContext.Decisions(
                                new PodPlanner(new RestartBackoff(RestartBackoff.DEFAULT_MAX)),
                                admission,
                                new DeadContainerTracker(ContainerGcPolicy.DEFAULT, _ -> {})),
                        executor((_, _, _) -> {
                            Thread.currentThread().interrupt();
                            throw new ActionFailedException(
                                    "CreateContainerConfigError", "interrupted", new ClosedByInterruptException());
                        }),
                        views::add,
                        () -> {},
                        events,
                        clock));
        try {
            assertThrows(CriException.Cancelled.class, worker::turn);
        } finally {
            assertTrue(Thread.interrupted(), "the interrupt is kept for the loop of the worker");
        }
        assertEquals(Optional.empty(), views.getLast().runtimeProblem());
        assertEquals(
                List.of(),
                events.all().stream()
                        .map(Event::reason)
                        .filter("Failed"::equals)
                        .toList());
    }
}
