/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.status.PodViews;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Tests watches. */
class KubernetesWatchTest extends ServedKubernetesApi {

    /** An open watch, read line by line. */
    private final class Watch implements AutoCloseable {
        private final HttpClient client = client(true);
        private final InputStream body;
        private final BufferedReader lines;

        Watch(String query) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("https://127.0.0.1:" + port + "/api/v1/pods?watch=true&" + query))
                    .build();
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(200, response.statusCode());
            body = response.body();
            lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        }

        /** The type of the next event, and the name of its object. */
        String next() throws IOException {
            String line = lines.readLine();
            if (line == null) {
                return "end";
            }
            Matcher type = Pattern.compile("\"type\":\"(\\w+)\"").matcher(line);
            assertTrue(type.find(), line);
            Matcher name =
                    Pattern.compile("\"metadata\":\\{\"name\":\"([^\"]+)\"").matcher(line);
            return type.group(1)
                    + (name.find() ? " " + name.group(1) : "")
                    + (line.contains("initial-events-end") ? " of the initial events" : "");
        }

        @Override
        public void close() throws IOException {
            body.close();
            client.shutdownNow();
        }
    }

    @Test
    void watchGoesOnFromAVersion() throws Exception {
        String from = version(get("/api/v1/pods"));
        try (Watch watch = new Watch("resourceVersion=" + from)) {
            node.statuses.publish(
                    PodViews.pod("web", "app").sandbox().running("app", 5, 40).build());
            assertEquals("MODIFIED web-node1", watch.next());
            node.statuses.publish(PodViews.pod("more", "app").build());
            assertEquals("ADDED more-node1", watch.next());
            node.statuses.retire(PodViews.pod("more", "app").build().name());
            assertEquals("DELETED more-node1", watch.next());
        }
    }

    @Test
    void watchBeginsWithAllObjectsWithoutAVersion() throws Exception {
        try (Watch watch = new Watch("fieldSelector=metadata.name%3Dweb-node1&timeoutSeconds=1")) {
            assertEquals("ADDED web-node1", watch.next());
            assertEquals("end", watch.next());
        }
    }

    @Test
    void initialEventsEndWithABookmark() throws Exception {
        try (Watch watch = new Watch("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
                + "&timeoutSeconds=1&labelSelector=app%3Dnone")) {
            assertEquals("BOOKMARK of the initial events", watch.next());
            assertEquals("BOOKMARK", watch.next());
            assertEquals("end", watch.next());
        }
    }

    @Test
    void objectThatLeavesTheSelectionIsDeleted() throws Exception {
        try (Watch watch = new Watch("fieldSelector=status.phase%3DRunning,metadata.name%3Dweb-node1")) {
            assertEquals("ADDED web-node1", watch.next());
            node.statuses.publish(PodViews.pod("web", "app").build());
            assertEquals("DELETED web-node1", watch.next());
            node.statuses.publish(
                    PodViews.pod("web", "app").sandbox().running("app", 0, 40).build());
            assertEquals("ADDED web-node1", watch.next());
        }
    }
}
