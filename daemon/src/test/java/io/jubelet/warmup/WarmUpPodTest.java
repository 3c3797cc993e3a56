/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.warmup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jubelet.cri.CriException;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.criconfig.ClusterDns;
import io.jubelet.criconfig.NodeProfile;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WarmUpPodTest {

    private final SimulatedRuntime simulated = SimulatedRuntime.create(SimulatedClock.manual(Instant.EPOCH));
    private final NodeProfile node = new NodeProfile(
            "node1", List.of("192.0.2.1"), ClusterDns.NONE, NodeProfile.Cgroups.BASIC, 8L << 30, List.of());
    private final WarmUpPod pod =
            new WarmUpPod(simulated.runtimeService(), node, Optional::empty, InstantSource.fixed(Instant.EPOCH));

    @Test
    void queriesTheRuntimeForNothingThatExists() {
        Set<String> calls = new HashSet<>();
        simulated.onCall(call -> {
            if (call.phase() == SimulatedCall.Phase.START) {
                calls.add(call.operation());
            }
        });
        pod.run();
        pod.run();
        assertEquals(Set.of("ListPodSandbox", "ListContainers"), calls);
    }

    @Test
    void failsLikeItsRuntime() {
        simulated.goDown();
        assertThrows(CriException.class, pod::run);
    }
}
