/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.simulated.FaultInjector;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Handler;
import io.jubelet.testing.Eventually;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The runtime has no such container, so a call of it that returns ends with an error. */
class ExecProbeTest {

    private static final Handler.Exec COMMAND = new Handler.Exec(List.of("sh", "-c", "sleep 1d & sleep 1d"));

    private final SimulatedRuntime simulated = SimulatedRuntime.create(SimulatedClock.manual(Instant.EPOCH));
    private final ExecProbe probe = new ExecProbe(simulated.runtimeService(), Duration.ofMillis(50));
    private final ProbeTarget target = new ProbeTarget(
            new ContainerId("c1"), ContainerSpec.builder("app", "image").build(), Optional.of("192.0.2.1"));
    private FaultInjector.Release exec = () -> {};

    @BeforeEach
    void hang() {
        exec = simulated.faults().hang("ExecSync");
    }

    @AfterEach
    void release() {
        exec.release();
    }

    private Outcome attempt() {
        return probe.attempt(COMMAND, target, Duration.ZERO);
    }

    @Test
    void commandWhoseChildHoldsItsOutputFailsSoonAfterItsTimeout() {
        assertEquals(Outcome.failure("command timed out: \"sh -c sleep 1d & sleep 1d\" timed out after 0s"), attempt());
    }

    @Test
    void fewCallsWithoutAResponseAreOpenAtOnce() {
        AtomicInteger calls = new AtomicInteger();
        simulated.onCall(call -> {
            if (call.operation().equals("ExecSync") && call.phase() == SimulatedCall.Phase.START) {
                calls.incrementAndGet();
            }
        });
        List<FaultInjector.Release> others =
                List.of(simulated.faults().hang("ExecSync"), simulated.faults().hang("ExecSync"));
        for (int i = 0; i < 3; i++) {
            assertEquals(Outcome.Verdict.FAILURE, attempt().verdict());
        }
        FutureTask<Outcome> next = new FutureTask<>(this::attempt);
        Thread thread = Thread.startVirtualThread(next);
        Eventually.await("the fourth to wait", () -> thread.getState() == Thread.State.WAITING);
        assertEquals(3, calls.get());
        exec.release();
        Eventually.await("the fourth to be made", next::isDone);
        assertEquals(4, calls.get());
        others.forEach(FaultInjector.Release::release);
    }

    @Test
    void overloadedRuntimeMakesNoContainerUnhealthy() {
        simulated.faults().failBefore("Version", name -> new CriException.DeadlineExceeded(name, "no response"));
        simulated.onCall(call -> {
            if (call.operation().equals("Version") && call.phase() == SimulatedCall.Phase.START) {
                exec.release();
            }
        });
        assertEquals(Outcome.Verdict.ERROR, attempt().verdict());
    }
}
