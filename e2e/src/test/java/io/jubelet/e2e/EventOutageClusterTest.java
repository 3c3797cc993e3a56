/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** More happens while the API server is away than is kept for it. */
class EventOutageClusterTest extends InCluster {

    private static final int CONTAINERS = 25;
    private static final int KEPT_OF_A_POD = 50;

    /** A pod with many containers, each of which has three events before it runs. */
    private static String crowd() {
        StringBuilder pod = new StringBuilder(DaemonProcess.pod("crowd", DaemonProcess.sleeper()));
        for (int i = 1; i < CONTAINERS; i++) {
            pod.append("  - name: app").append(i).append("\n    image: docker.io/library/busybox:1\n");
            pod.append("    command: [sleep, '1000']\n");
        }
        return pod.toString();
    }

    @Test
    void eventsLostInAnOutageAreCountedAndReported() throws Exception {
        node.join();
        node.awaitReady();
        cluster.apiServer().kill();
        daemon.await("a word on the outage", () -> daemon.log().contains("pods keep running without it"));
        daemon.write("crowd.yaml", crowd());
        daemon.await("the crowd to run", () -> daemon.running("crowd").size() == CONTAINERS);
        cluster.apiServer().start();
        daemon.await("a word on what was lost", () -> daemon.log().contains("could not be sent and are lost"));
        Matcher told =
                Pattern.compile("(\\d+) events of the outage of the API server").matcher(daemon.log());
        assertTrue(told.find());
        daemon.await("the rest", () -> node.events("crowd-" + daemon.node).size() >= KEPT_OF_A_POD);
        List<JsonObject> events = node.events("crowd-" + daemon.node);
        assertEquals(KEPT_OF_A_POD, events.size(), events::toString);
        assertEquals(CONTAINERS * 3 - KEPT_OF_A_POD, Integer.parseInt(told.group(1)));
        // No event is sent twice.
        assertFalse(told.find(), daemon::log);
    }
}
