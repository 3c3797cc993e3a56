/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.objects.RunningPodsJson;
import io.jubelet.observed.RunningPods.ContainerImage;
import io.jubelet.observed.RunningPods.RunningPod;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is listed as running, on the simulated runtime. */
class RunningPodsTest extends ObservedPods {

    private final RunningPods running = new RunningPods(simulated.runtimeService(), NodeNames.of(NODE));

    @Test
    void listsWhatRunsOfThisNode() {
        assertEquals(List.of(), running.list());
        PodSandboxId sandbox = sandbox(WEB, NODE);
        RunningPod empty = new RunningPod("default", "web-node1", "uid-web", List.of());
        assertEquals(List.of(empty), running.list());
        ContainerId container = container(WEB, sandbox, NODE);
        PodName foreign = new PodName("default", "web2");
        container(foreign, sandbox(foreign, "node2"), "node2");
        RunningPod web =
                new RunningPod("default", "web-node1", "uid-web", List.of(new ContainerImage("app", "busybox:latest")));
        assertEquals(List.of(web), running.list());
        simulated.exit(container, 0);
        assertEquals(List.of(empty), running.list(), "its sandbox is ready");
        simulated.runtimeService().stopPodSandbox(sandbox);
        assertEquals(List.of(), running.list());
    }

    @Test
    void theListIsThatOfTheKubelet() {
        container(WEB, sandbox(WEB, NODE), NODE);
        assertEquals(
                "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"web-node1\","
                        + "\"namespace\":\"default\",\"uid\":\"uid-web\"},\"spec\":{\"containers\":[{\"name\":\"app\","
                        + "\"image\":\"busybox:latest\",\"resources\":{}}]},\"status\":{}}]}",
                RunningPodsJson.list(running.list()));
    }
}
