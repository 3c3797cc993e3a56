/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The addresses of the node come and change, in a network namespace without a default route, on real containerd. */
@OnContainerd
class NodeAddressContainerdTest {

    private DaemonProcess daemon;

    @BeforeEach
    void startDaemon() throws Exception {
        daemon = new DaemonProcess();
        shell("ip netns add NET && ip -n NET link add a0 type veth peer name a1"
                + " && ip -n NET link set a0 up && ip -n NET link set a1 up");
        daemon.runBy("nsenter", "--net=/run/netns/" + daemon.node);
        daemon.start();
    }

    @AfterEach
    void stopDaemon() throws Exception {
        if (daemon != null) {
            daemon.close();
            shell("ip netns delete NET");
        }
    }

    private void shell(String line) throws IOException, InterruptedException {
        Commands.shell(Path.of("/"), line.replace("NET", daemon.node));
    }

    @Test
    void addressesOfTheNodeAreAwaitedAndFollowed() throws Exception {
        daemon.write(
                "facts.yaml",
                pod("facts", "echo \"$HOST\"; " + sleeper())
                        + "    env: [{name: HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}]\n");
        daemon.await(
                "the pod to wait for an address",
                () -> daemon.cliQuietly("get", "pods").contains("no network interface of this node has an IP address"));

        shell("ip -n NET address add 192.0.2.7/24 dev a0");
        Container first = daemon.awaitRunning("facts");
        daemon.await("the address", () -> daemon.output(first).equals("192.0.2.7\n"));

        shell("ip -n NET address delete 192.0.2.7/24 dev a0 && ip -n NET address add 192.0.2.8/24 dev a0");
        daemon.await(
                "the new address to be shown", () -> daemon.get("/api/v1/pods").contains("\"hostIP\":\"192.0.2.8\""));
        daemon.crash(first);
        Container second = daemon.awaitReplaced("facts", first);
        daemon.await("the new address", () -> daemon.output(second).equals("192.0.2.8\n"));
    }
}
