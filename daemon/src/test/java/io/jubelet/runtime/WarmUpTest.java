package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.cri.simulated.SimulatedTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
    void practisesOneCallAndNoOther() {
        WarmUp.practise(simulated.runtimeService());
        assertEquals(Collections.nCopies(WarmUp.CALLS, "ListPodSandbox"), calls);
    }

    @Test
    void endsWithTheFirstCallThatFails() {
        simulated.goDown();
        WarmUp.practise(simulated.runtimeService());
        assertEquals(List.of("ListPodSandbox"), calls);
    }
}
