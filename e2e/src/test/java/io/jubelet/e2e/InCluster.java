/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** One real cluster for a test class, and for each test a daemon on a real containerd, not started yet, that may join it. */
@OnContainerd
@Tag("cluster")
abstract class InCluster {

    static ClusterUnderTest cluster;

    /** What the cluster has of the daemon, and how it joins. */
    JoiningNode node;

    DaemonProcess daemon;

    private final Deque<AutoCloseable> closedAfterwards = new ArrayDeque<>();

    @BeforeAll
    static void startCluster() throws IOException {
        RuntimeUnderTest.containerd();
        cluster = ClusterUnderTest.start();
    }

    @AfterAll
    static void stopCluster() throws IOException {
        if (cluster != null) {
            cluster.close();
            cluster = null;
        }
    }

    @BeforeEach
    final void makeDaemon() throws IOException {
        use(newDaemon());
    }

    /** What the tests of a class are about, not started yet. */
    DaemonProcess newDaemon() throws IOException {
        return new DaemonProcess();
    }

    /** Goes on with another daemon, not started yet, in place of the one that the test began with. */
    final void use(DaemonProcess another) throws IOException {
        if (daemon != null) {
            daemon.close();
        }
        daemon = another;
        node = new JoiningNode(cluster, another);
    }

    /** Has something closed after the test and after the daemon, such as what stands between it and the API server. */
    final <T extends AutoCloseable> T closedAfterwards(T something) {
        closedAfterwards.push(something);
        return something;
    }

    @AfterEach
    final void leaveCluster() throws Exception {
        closedAfterwards.push(daemon);
        closedAfterwards.addLast(cluster::stopControllerManager);
        closedAfterwards.addLast(node::removeFromCluster);
        closeAll(closedAfterwards);
    }

    /** One after the other, whichever of them cannot be closed. */
    private static void closeAll(Deque<AutoCloseable> all) throws Exception {
        AutoCloseable first = all.poll();
        if (first != null) {
            try (AutoCloseable _ = () -> closeAll(all)) {
                first.close();
            }
        }
    }
}
