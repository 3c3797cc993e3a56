/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.e2e.PodWatch.Event;
import io.jubelet.testing.StallAdjustedTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A daemon that joins the cluster when it is started, and a watch of the pods of its node. */
abstract class JoinedDaemon extends InCluster {

    /** How late a mirror may be, from an event of the API server's watch to the next. */
    static final Duration PROMISED = Duration.ofSeconds(2);

    static final String HASH = "metadata.annotations[kubernetes.io/config.hash]";

    PodWatch watch;

    @BeforeEach
    final void prepareToJoin() throws IOException {
        node.toJoinAt(cluster.apiServer().url());
        watch = new PodWatch(cluster, daemon.node);
    }

    @AfterEach
    final void stopWatching() {
        watch.close();
    }

    static String path(String namespace, String name) {
        return "/api/v1/namespaces/" + namespace + "/pods/" + name;
    }

    /** The name of a pod's mirror. */
    String full(String pod) {
        return pod + "-" + daemon.node;
    }

    /** The path of a pod's mirror in the default namespace. */
    String mirror(String pod) {
        return node.mirror(pod);
    }

    JsonObject awaitReady(String pod) {
        return cluster.awaitObject(
                mirror(pod), "to be ready", o -> o.status("Ready").equals("True"));
    }

    /** Waits for the first event of a type about the pod of a name after another one. */
    Event awaitNext(String type, String name, Event after) {
        return watch.await(
                type + " of " + name, event -> event.is(type, name) && (after == null || event.isAfter(after)));
    }

    static void assertPromised(Event cause, Event effect) {
        assertPromised(cause.at(), effect);
    }

    static void assertPromised(StallAdjustedTime cause, Event effect) {
        Duration late = effect.at().since(cause);
        assertTrue(late.compareTo(PROMISED) < 0, () -> late.toMillis() + " ms after " + cause + ": " + effect);
    }

    /** That a pod has the container that it had, and has never had another. */
    void assertUntouched(String pod, Container container) {
        assertEquals(
                List.of(container.id()),
                daemon.containers(pod).stream().map(Container::id).toList());
        assertEquals(0, container.metadata().attempt());
        assertEquals(
                List.of(container.id()),
                daemon.running(pod).stream().map(Container::id).toList());
    }

    /** What {@code describe pod} says of its mirror. */
    String told(String pod) {
        return daemon.cliQuietly("describe", "pod", pod)
                .lines()
                .filter(line -> line.startsWith("Mirror:"))
                .map(line -> line.substring("Mirror:".length()).strip())
                .findFirst()
                .orElse("nothing");
    }
}
