package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.QosClass;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.RestartPolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PodResourcesTest {

    private static ContainerSpec container(String name, String memory) {
        ContainerSpec.Builder spec = ContainerSpec.builder(name, "image");
        if (!memory.isEmpty()) {
            Map<String, Quantity> both = Map.of("memory", Quantity.parse(memory), "cpu", Quantity.parse("1"));
            spec.resources(new Resources(both, both));
        }
        return name.startsWith("s")
                ? spec.restart(new ContainerRestart(Optional.of(RestartPolicy.Always), List.of()))
                        .build()
                : spec.build();
    }

    private static long together(List<ContainerSpec> inits, String... mains) {
        List<ContainerSpec> containers =
                List.of(mains).stream().map(memory -> container("app", memory)).toList();
        return PodResources.together(
                        PodSpec.builder(containers).initContainers(inits).build(),
                        c -> c.resources().limit("memory"))
                .map(Quantity::value)
                .orElse(0L);
    }

    @Test
    void mainContainersAddUpAndTheLargestInitContainerCountsIfItIsMore() {
        assertEquals(3, together(List.of(), "1", "2"));
        assertEquals(3, together(List.of(container("i1", "2"), container("i2", "1")), "1", "2"));
        assertEquals(7, together(List.of(container("i1", "7"), container("i2", "1")), "1", "2"));
    }

    @Test
    void sidecarsAddToTheMainContainersAndToTheInitContainersAfterThem() {
        assertEquals(7, together(List.of(container("i1", "6"), container("s1", "4")), "1", "2"));
        assertEquals(10, together(List.of(container("s1", "4"), container("i1", "6")), "1", "2"));
    }

    @Test
    void theClassOfServiceSeesInitContainers() {
        PodSpec.Builder spec = PodSpec.builder(List.of(container("app", "1")));
        assertEquals(QosClass.Guaranteed, QosClass.of(spec.build()));
        assertEquals(
                QosClass.Burstable,
                QosClass.of(spec.initContainers(List.of(container("i1", ""))).build()));
    }
}
