/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.desired.DesiredPods;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerPort.Protocol;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.RestartPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** An {@link Admission}, its pods, and the calls that their workers make. */
abstract class AdmittedPods {

    final Map<PodName, Pod> wanted = new HashMap<>();
    final List<PodName> woken = new ArrayList<>();
    final Map<PodName, ObservedPod> runtime = new HashMap<>();
    Admission admission = admission(10);

    Admission admission(int maxPods) {
        return new Admission(
                new NodeAllocatable(
                        "node1",
                        Map.of("disk", "ssd", "cores", "8"),
                        maxPods,
                        () -> Map.of("cpu", 2000L, "memory", 1L << 30)),
                () -> new DesiredPods(wanted, List.of()),
                woken::add);
    }

    static PodName name(String name) {
        return new PodName("default", name);
    }

    static Pod pod(String name, String uid, UnaryOperator<PodSpec.Builder> change) {
        Pod plain = TestPods.pod(name(name), uid, RestartPolicy.Always, "app");
        return TestPods.with(plain, change.apply(plain.spec().toBuilder()).build());
    }

    static Pod plain(String name) {
        return pod(name, name + "1", spec -> spec);
    }

    static Pod onPort(String name, String uid, String ip, int port, Protocol protocol) {
        Pod plain = TestPods.pod(name(name), uid, RestartPolicy.Always, "app");
        return TestPods.with(
                plain,
                PodSpec.builder(List.of(TestPods.spec("app")
                                .ports(List.of(new ContainerPort("", 80, port, ip, protocol)))
                                .build()))
                        .build());
    }

    static Pod onPort(String name, int port) {
        return onPort(name, name + port, "", port, Protocol.TCP);
    }

    static Pod requesting(String name, String resource, String quantity) {
        Pod plain = TestPods.pod(name(name), name + "1", RestartPolicy.Always, "app");
        return TestPods.with(
                plain,
                PodSpec.builder(List.of(TestPods.spec("app")
                                .resources(new Resources(Map.of(resource, Quantity.parse(quantity)), Map.of()))
                                .build()))
                        .build());
    }

    void want(Pod... pods) {
        for (Pod pod : pods) {
            wanted.put(pod.name(), pod);
        }
    }

    void runs(Pod pod) {
        runtime.put(
                pod.name(),
                new ObservedPod(pod.name(), List.of(TestPods.sandbox("s" + pod.uid(), pod.uid(), 0, true)), List.of()));
    }

    ObservedPod observed(PodName name) {
        return runtime.getOrDefault(name, ObservedPod.none(name));
    }

    /**
     * Makes the calls of one turn of a worker, and returns the reason of the rejection, or "".
     *
     * @param running content of a live version that is not wanted
     */
    String turn(String name, Optional<Pod> running) {
        Optional<Pod> pod = Optional.ofNullable(wanted.get(name(name)));
        admission.update(observed(name(name)), pod, running, _ -> Optional.empty());
        Optional<AdmissionRejection> rejection = admission.rejection(name(name));
        admission.planned(name(name), pod, false);
        return rejection.map(AdmissionRejection::reason).orElse("");
    }

    /** An update without a plan after it. */
    Optional<AdmissionRejection> decide(ObservedPod observed, Optional<Pod> wanted) {
        admission.update(observed, wanted, Optional.empty(), _ -> Optional.empty());
        return admission.rejection(observed.name());
    }

    String turn(String name) {
        return turn(name, Optional.empty());
    }

    void start(Pod pod) {
        want(pod);
        assertEquals("", turn(pod.name().name()));
        runs(pod);
        assertEquals("", turn(pod.name().name()));
    }

    void gone(String name) {
        wanted.remove(name(name));
        runtime.remove(name(name));
        turn(name);
    }

    void listed() {
        admission.listed(runtime.keySet());
    }
}
