/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import io.jubelet.testing.Eventually;
import io.jubelet.testing.StallAdjustedTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** What the API server tells about the pods of a node, and when. */
final class PodWatch implements AutoCloseable {

    /**
     * One event of the watch.
     *
     * @param at when it came
     * @param type {@code ADDED}, {@code MODIFIED} or {@code DELETED}
     */
    record Event(StallAdjustedTime at, String type, JsonObject pod) {

        /** Whether it is of this type, about the pod of this name. */
        boolean is(String wanted, String name) {
            return type.equals(wanted) && pod.name().equals(name);
        }

        boolean isAfter(Event other) {
            return at.nanos() > other.at.nanos();
        }
    }

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final ApiClient client;
    private final Thread thread;
    /** Why it ended: by the test, or because the API server has gone. */
    private volatile IOException ended;

    /** Begins with what is there. */
    PodWatch(ClusterUnderTest cluster, String node) throws IOException {
        this.client = cluster.as(cluster.adminKubeconfig());
        HttpRequest request = HttpRequest.newBuilder(URI.create(
                        cluster.apiServer().url() + "/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3D" + node))
                .header("Authorization", "Bearer " + cluster.apiServer().adminToken())
                .build();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(client.stream(request).body(), StandardCharsets.UTF_8));
        this.thread = Thread.ofVirtual().start(() -> read(lines));
    }

    private void read(BufferedReader lines) {
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                StallAdjustedTime now = StallAdjustedTime.now();
                JsonObject event = new ApiAnswer(200, line).object();
                events.add(new Event(now, event.text("type"), event.object("object")));
            }
        } catch (IOException e) {
            ended = e;
        }
    }

    /** Waits until there is such an event, and returns the first. */
    Event await(String what, Predicate<Event> which) {
        return Eventually.within(DaemonProcess.SOON)
                .details(() -> "events: " + events + (ended == null ? "" : "; the watch ended: " + ended))
                .until(what, () -> events(which), found -> !found.isEmpty())
                .getFirst();
    }

    /** All events until now, in their order. */
    List<Event> events(Predicate<Event> which) {
        return events.stream().filter(which).toList();
    }

    @Override
    public void close() {
        client.close();
        thread.interrupt();
    }
}
