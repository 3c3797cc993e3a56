/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import io.jubelet.testing.Eventually;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Observer, relist and hints together, on the simulated runtime. */
class PodLifecycleEventGeneratorTest extends ObservedPods {

    private final Relist relist = new Relist(simulated.runtimeService(), NodeNames.of(NODE), observer, time);
    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    private final PodLifecycleEventGenerator.Listeners listeners =
            new PodLifecycleEventGenerator.Listeners(told::add, told::add, () -> told.add("back"));

    @Test
    void relistReportsChanges() {
        assertEquals(Optional.empty(), relist.lastSuccess());
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        sandbox(new PodName("default", "web2"), "node2");
        assertEquals(Set.of(WEB), relist.relist());
        observer.observe(WEB);
        assertEquals(Set.of(), relist.relist());
        assertEquals(Optional.of(START), relist.lastSuccess());
        simulated.exit(container, 0);
        assertEquals(Set.of(WEB), relist.relist());
        assertEquals(Set.of(WEB), relist.relist(), "not observed since");
        observer.observe(WEB);
        simulated.goDown();
        time.advance(Duration.ofSeconds(1));
        assertThrows(CriException.Unavailable.class, relist::relist);
        assertEquals(Optional.of(START), relist.lastSuccess());
        simulated.comeBack();
        assertEquals(Set.of(), relist.relist());
        simulated.sandboxes().forEach(s -> simulated.runtimeService().removePodSandbox(s.id()));
        assertEquals(Set.of(WEB), relist.relist());
        observer.observe(WEB);
        assertEquals(Set.of(), relist.relist());
    }

    @Test
    void relistReportsWrongUpdateOfWorker() {
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        ObservedPod seen = observer.observe(WEB);
        ObservedContainer running = seen.containers().getFirst();
        simulated.exit(container, 0);
        observer.observe(WEB);
        assertEquals(Set.of(), relist.relist());
        observer.update(seen.with(running));
        assertEquals(Set.of(WEB), relist.relist(), "the runtime never showed it running again");
        observer.update(ObservedPod.none(WEB));
        assertEquals(Set.of(WEB), relist.relist(), "it is not gone");
    }

    @Test
    void reportsEmptyFirstList() throws InterruptedException {
        try (PodLifecycleEventGenerator hints = start(Duration.ofHours(1), Duration.ofHours(1))) {
            assertEquals(Set.of(), take());
            awaitStreaming(hints);
        }
    }

    @Test
    void relistsSoonAfterRequest() throws InterruptedException {
        try (PodLifecycleEventGenerator hints = start(Duration.ofHours(1), Duration.ofHours(1))) {
            assertEquals(Set.of(), take());
            container(WEB, sandbox(WEB, NODE), NODE);
            hints.requestRelist();
            assertEquals(Set.of(WEB), take());
        }
    }

    @Test
    void forwardsEventsOfKnownPods() throws InterruptedException {
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        observer.observe(WEB);
        try (PodLifecycleEventGenerator hints = start(Duration.ofHours(1), Duration.ofHours(1))) {
            awaitStreaming(hints);
            simulated.exit(container, 0);
            awaitWake();
            PodName foreign = new PodName("default", "foreign");
            sandbox(foreign, NODE);
            simulated.killSandbox(simulated.sandboxes().getFirst().id());
            awaitWake();
        }
    }

    @Test
    void relistsWithoutEventsAndWhenTheyAreLost() throws InterruptedException {
        simulated.supportEvents(false);
        try (PodLifecycleEventGenerator hints = start(Duration.ofHours(1), Duration.ofMillis(1))) {
            container(WEB, sandbox(WEB, NODE), NODE);
            assertEquals(Set.of(WEB), take());
            assertFalse(hints.streaming());
        }
    }

    @Test
    void reportsRecoveryOfRuntime() throws InterruptedException {
        container(WEB, sandbox(WEB, NODE), NODE);
        try (PodLifecycleEventGenerator hints = start(Duration.ofHours(1), Duration.ofMillis(1))) {
            assertEquals(Set.of(WEB), take());
            awaitStreaming(hints);
            simulated.goDown();
            simulated.exit(simulated.containers().getFirst().id(), 1);
            simulated.comeBack();
            Object first = take();
            Object second = take();
            assertEquals(Set.of("back", Set.of(WEB)), Set.of(first, second));
            awaitStreaming(hints);
        }
    }

    private PodLifecycleEventGenerator start(Duration withEvents, Duration withoutEvents) {
        PodLifecycleEventGenerator hints = new PodLifecycleEventGenerator(
                simulated.events(),
                observer,
                relist,
                listeners,
                new PodLifecycleEventGenerator.RelistPeriods(withEvents, withoutEvents));
        hints.start();
        return hints;
    }

    private static void awaitStreaming(PodLifecycleEventGenerator hints) {
        Eventually.await("the stream of events", hints::streaming);
    }

    /** The relist that follows the opening of the stream may tell of the same change, before or after. */
    private void awaitWake() throws InterruptedException {
        Object next = take();
        while (!next.equals(WEB)) {
            assertInstanceOf(Set.class, next);
            next = take();
        }
    }

    private Object take() throws InterruptedException {
        Object next = told.poll(60, TimeUnit.SECONDS);
        assertNotNull(next);
        return next;
    }
}
