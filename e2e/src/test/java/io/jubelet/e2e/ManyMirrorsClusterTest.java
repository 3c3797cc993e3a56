/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** As many pods as a node may have, at once; on the simulated runtime, for it is not the runtime that is in doubt. */
class ManyMirrorsClusterTest extends InCluster {

    private static final int PODS = 110;

    /** From the moment at which the last pod runs; no more than forty statuses are written in a second. */
    private static final Duration SHOWN = Duration.ofSeconds(15);

    private List<JsonObject> mirrors() {
        try {
            return cluster.list("/api/v1/pods?fieldSelector=spec.nodeName%3D" + daemon.node);
        } catch (IOException e) {
            return List.of();
        }
    }

    @Test
    void asManyPodsAsANodeMayHaveAreShownSoon() throws Exception {
        node.join("--container-runtime-endpoint=simulated:");
        node.awaitReady();
        for (int i = 0; i < PODS; i++) {
            String pod = "pod" + i;
            daemon.write(pod + ".yaml", DaemonProcess.pod(pod, DaemonProcess.sleeper()));
        }
        daemon.await("all pods to run", () -> running(daemon.cliQuietly("get", "pods", "--no-headers")) == PODS);
        daemon.await(
                "all mirrors to show that",
                SHOWN,
                () -> mirrors().stream().filter(JoiningNode::isRunning).count() == PODS);
        assertEquals(
                PODS,
                mirrors().stream()
                        .map(JsonObject::uid)
                        .collect(Collectors.toSet())
                        .size());
    }

    private static long running(String table) {
        return table.lines().filter(line -> line.contains(" Running ")).count();
    }
}
