package io.jubelet.warmup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jubelet.cri.CriException;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.cri.simulated.SimulatedTime;
import io.jubelet.criconfig.NameResolution;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.node.NodeCapacity;
import io.jubelet.node.ResolvConf;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WarmUpPodTest {

    private final SimulatedRuntime simulated = SimulatedRuntime.create(SimulatedTime.manual(Instant.EPOCH));
    private final NodeProfile node = new NodeProfile(
            "node1",
            Path.of("/logs"),
            NameResolution.asNode(new ResolvConf(List.of(), List.of(), List.of())),
            8L << 30,
            Optional.empty(),
            false,
            false,
            List.of(),
            List.of("192.0.2.1"),
            () -> new NodeCapacity(4000, 8L << 30, 1L << 30, Map.of()),
            new NodeProfile.Cgroups(List.of(), true, _ -> {
                throw new AssertionError("asked for a cgroup of a pod that is nobody's");
            }));
    private final WarmUpPod pod = new WarmUpPod(simulated.runtimeService(), node, InstantSource.fixed(Instant.EPOCH));

    @Test
    void asksTheRuntimeForNothingThatIsThere() {
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
