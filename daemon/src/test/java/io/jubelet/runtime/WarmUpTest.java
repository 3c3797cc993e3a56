package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.cri.simulated.SimulatedTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WarmUpTest {

    private final SimulatedRuntime simulated = SimulatedRuntime.create(SimulatedTime.manual(Instant.EPOCH));
    private final List<String> calls = new ArrayList<>();

    @BeforeEach
    void listen() {
        simulated.onCall(call -> {
            if (call.phase() == SimulatedCall.Phase.START) {
                calls.add(call.operation());
            }
        });
    }

    @Test
    void practisesCallsThatOnlyAsk() {
        AtomicInteger read = new AtomicInteger();
        WarmUp.practise(simulated.runtimeService(), simulated.imageService(), read::incrementAndGet);
        assertEquals(WarmUp.ROUNDS, read.get());
        assertEquals(Set.of("ListPodSandbox", "ListContainers", "ImageStatus"), Set.copyOf(calls));
        assertEquals(3 * WarmUp.ROUNDS, calls.size());
    }

    @Test
    void endsWithTheFirstCallThatFails() {
        simulated.goDown();
        WarmUp.practise(simulated.runtimeService(), simulated.imageService(), () -> {});
        assertEquals(List.of("ListPodSandbox"), calls);
    }
}
