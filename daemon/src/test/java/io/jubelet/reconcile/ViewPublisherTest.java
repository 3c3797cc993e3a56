/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.PodPlan;
import io.jubelet.plan.PodVersions;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ViewPublisherTest {

    private static final PodName POD = new PodName("default", "a");
    private static final ContainerId CONTAINER = new ContainerId("c");

    private final List<String> calls = new ArrayList<>();
    private final Map<ContainerId, ContainerHealth> health = new HashMap<>();
    private final ViewStore store = new ViewStore() {
        @Override
        public void publish(PodView view) {
            calls.add("publish " + view.name());
        }

        @Override
        public void publishHealth(PodView view, Function<ObservedPod, Map<ContainerId, ContainerHealth>> now) {
            calls.add("health " + view.name() + " " + now.apply(view.observed()).keySet());
        }

        @Override
        public void healthChanged(PodName name, Function<ObservedPod, Map<ContainerId, ContainerHealth>> now) {
            calls.add(
                    "changed " + name + " " + now.apply(ObservedPod.none(name)).keySet());
        }
    };

    private static PodView view() {
        return new PodView(
                PodVersions.NONE,
                ObservedPod.none(POD),
                PodPlan.nothing(new PodLifecycle.Syncing()),
                Map.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Instant.EPOCH);
    }

    @Test
    void theStoreComesFirstAndTheListenersFollowInTheirOrder() {
        ViewPublisher publisher = new ViewPublisher(
                store, _ -> health, List.of(view -> calls.add("first " + view.name()), _ -> calls.add("second")));
        publisher.publish(view());
        assertEquals(List.of("publish default/a", "first default/a", "second", "health default/a []"), calls);
    }

    @Test
    void theStoreGetsTheHealthOfContainersThatAListenerBeginsToProbe() {
        ViewPublisher publisher = new ViewPublisher(
                store, _ -> health, List.of(_ -> health.put(CONTAINER, ContainerHealth.WITHOUT_PROBES)));
        publisher.publish(view());
        assertEquals(List.of("publish default/a", "health default/a [" + CONTAINER + "]"), calls);
    }

    @Test
    void newHealthGoesToTheStoreAlone() {
        health.put(CONTAINER, ContainerHealth.WITHOUT_PROBES);
        new ViewPublisher(store, _ -> health, List.of(_ -> calls.add("listener"))).healthChanged(POD);
        assertEquals(List.of("changed default/a [" + CONTAINER + "]"), calls);
    }

    @Test
    void theFailureOfAListenerIsTheFailureOfTheTurn() {
        ViewPublisher publisher = new ViewPublisher(store, _ -> health, List.of(_ -> {
            throw new IllegalStateException("for example");
        }));
        assertThrows(IllegalStateException.class, () -> publisher.publish(view()));
    }
}
