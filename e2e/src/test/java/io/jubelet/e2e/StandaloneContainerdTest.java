/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A daemon without a cluster and without a port loads none of their classes. */
@OnContainerd
class StandaloneContainerdTest {

    private static final List<String> OF_OTHERS = List.of(
            "io.jubelet.adoption.",
            "io.jubelet.boot.AdoptionWiring",
            "io.jubelet.archive.",
            "io.jubelet.cluster.",
            "io.jubelet.kubeapi.",
            "io.jubelet.remotecommand.",
            "io.jubelet.certificate.",
            "io.jubelet.signing.",
            "io.jubelet.boot.ClusterWiring",
            "io.jubelet.authorization.",
            "io.jubelet.kubernetesapi.",
            "io.jubelet.boot.KubernetesApiWiring",
            "io.jubelet.boot.ListenerWiring",
            "io.jubelet.api.Kubelet",
            "io.jubelet.api.RequestAuthorizer",
            "io.jubelet.api.HealthPort",
            "io.jubelet.api.TcpPort",
            "io.netty.handler.ssl.",
            "java.net.http.",
            "jdk.internal.net.http.",
            "org.bouncycastle.");

    @Test
    void loadsNoClassOfClusterOrPort() throws Exception {
        try (DaemonProcess daemon = new DaemonProcess().start()) {
            daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
            daemon.awaitRunning("web");
            assertTrue(daemon.cli("get", "pods").contains("web-" + daemon.node));
            String loaded = daemon.jcmd("VM.class_hierarchy");
            assertTrue(loaded.contains("io.jubelet.boot.Wiring"), loaded);
            assertEquals(
                    List.of(),
                    loaded.lines()
                            .filter(line -> OF_OTHERS.stream().anyMatch(line::contains))
                            .toList());
        }
    }
}
