/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.RuntimeService;
import io.jubelet.pod.NodeNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Lists what runs on the runtime at this moment, without regard to what is wanted. Safe for use by many threads. */
public final class RunningPods {

    private final RuntimeService runtime;
    private final NodeNames nodes;

    /**
     * A pod with a ready sandbox or a running container. Two versions are two pods.
     *
     * @param name on the runtime, {@code <name>-<node>}
     */
    public record RunningPod(String namespace, String name, String uid, List<ContainerImage> containers) {
        public RunningPod {
            containers = List.copyOf(containers);
        }
    }

    /**
     * A running container.
     *
     * @param image as it was given to the runtime
     */
    public record ContainerImage(String container, String image) {}

    /**
     * @param runtime the runtime to query
     * @param nodes the names of this node, which select its pods
     */
    public RunningPods(RuntimeService runtime, NodeNames nodes) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.nodes = Objects.requireNonNull(nodes, "nodes");
    }

    /**
     * Lists the running pods. Blocks for two lists for each name of the node.
     *
     * @throws io.jubelet.cri.CriException if the runtime does not respond
     */
    public List<RunningPod> list() {
        Map<String, Map<String, String>> labels = new LinkedHashMap<>();
        Map<String, List<ContainerImage>> containers = new LinkedHashMap<>();
        for (String node : nodes.all()) {
            for (PodSandbox sandbox : runtime.listPodSandboxes(PodSandboxFilter.labels(Labels.ofNode(node)))) {
                if (sandbox.state() == PodSandboxState.READY
                        && Labels.owned(sandbox.labels(), sandbox.annotations(), nodes)) {
                    labels.putIfAbsent(sandbox.metadata().uid(), sandbox.labels());
                }
            }
            for (Container container : runtime.listContainers(ContainerFilter.labels(Labels.ofNode(node)))) {
                if (container.state() == ContainerState.RUNNING
                        && Labels.owned(container.labels(), container.annotations(), nodes)) {
                    String uid = container.labels().getOrDefault(Labels.POD_UID, "");
                    labels.putIfAbsent(uid, container.labels());
                    containers
                            .computeIfAbsent(uid, _ -> new ArrayList<>())
                            .add(new ContainerImage(
                                    container.metadata().name(),
                                    container.image().image()));
                }
            }
        }
        List<RunningPod> pods = new ArrayList<>(labels.size());
        labels.forEach((uid, of) -> pods.add(new RunningPod(
                of.getOrDefault(Labels.POD_NAMESPACE, ""),
                of.getOrDefault(Labels.POD_NAME, ""),
                uid,
                containers.getOrDefault(uid, List.of()))));
        return pods;
    }
}
