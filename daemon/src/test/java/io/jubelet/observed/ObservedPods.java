/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.LinuxContainerConfig;
import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.cri.LinuxContainerSecurityContext;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.simulated.ManualClock;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** An observer of pods on the simulated runtime. */
abstract class ObservedPods {

    static final String NODE = "node1";
    static final PodName WEB = new PodName("default", "web");
    static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    final ManualClock time = SimulatedClock.manual(START);
    final SimulatedRuntime simulated = SimulatedRuntime.create(time);
    final PodObserver observer =
            new PodObserver(simulated.runtimeService(), NodeNames.of(NODE), NodeClock.neverSet(time));

    @BeforeEach
    void image() {
        simulated.images().add("busybox:latest");
    }

    PodSandboxId sandbox(PodName name, String node) {
        return simulated.runtimeService().runPodSandbox(sandboxConfig(name, node), "");
    }

    static PodSandboxConfig sandboxConfig(PodName name, String node) {
        return PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(name.onNode(node), "uid-" + name.name(), name.namespace(), 0))
                .labels(Labels.ofPod(name, node))
                .annotations(Map.of(Labels.HASH, "v1:abc", Labels.GRACE_PERIOD, "9"))
                .build();
    }

    ContainerId container(PodName name, PodSandboxId sandbox, String node) {
        return container(name, sandbox, node, LinuxContainerResources.builder().build());
    }

    ContainerId container(PodName name, PodSandboxId sandbox, String node, LinuxContainerResources resources) {
        Map<String, String> labels = new HashMap<>(Labels.ofPod(name, node));
        labels.put(Labels.POD_UID, "uid-" + name.name());
        ContainerConfig config = ContainerConfig.builder()
                .metadata(new ContainerMetadata("app", 0))
                .image(ImageSpec.of("busybox:latest"))
                .labels(labels)
                .annotations(Map.of(Labels.BACKOFF, "20"))
                .linux(new LinuxContainerConfig(
                        resources, LinuxContainerSecurityContext.builder().build()))
                .build();
        ContainerId id = simulated.runtimeService().createContainer(sandbox, config, sandboxConfig(name, node));
        simulated.runtimeService().startContainer(id);
        return id;
    }
}
