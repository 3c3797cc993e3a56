/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.warmup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.CriException;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WarmUpTest {

    private final SimulatedRuntime simulated = SimulatedRuntime.create(SimulatedClock.manual(Instant.EPOCH));
    private final List<String> calls = new ArrayList<>();
    private final AtomicInteger pods = new AtomicInteger();

    @BeforeEach
    void listen() {
        simulated.onCall(call -> {
            if (call.phase() == SimulatedCall.Phase.START) {
                calls.add(call.operation());
            }
        });
    }

    @Test
    void repeatsUntilTheCodeIsCompiled() {
        WarmUp.repeat(simulated.imageService(), pods::incrementAndGet);
        assertEquals(WarmUp.ROUNDS, pods.get());
        assertEquals(Collections.nCopies(WarmUp.ROUNDS, "ImageStatus"), calls);
    }

    @Test
    void endsWithTheFirstCallThatFails() {
        simulated.goDown();
        WarmUp.repeat(simulated.imageService(), pods::incrementAndGet);
        assertEquals(List.of("ImageStatus"), calls);
        assertEquals(0, pods.get());
    }

    @Test
    void endsWithTheFirstPodWhoseRuntimeFails() {
        WarmUp.repeat(simulated.imageService(), () -> {
            pods.incrementAndGet();
            throw new CriException.Unavailable("ListPodSandbox", "gone", null);
        });
        assertEquals(1, pods.get());
    }
}
