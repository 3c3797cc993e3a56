/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.document.FieldSelection;
import io.jubelet.document.JsonStream;
import io.jubelet.document.Node;
import io.jubelet.fuzz.FuzzTarget;
import io.jubelet.fuzz.FuzzTargetTest;
import io.jubelet.fuzz.InputBudget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/** What an API server answers: objects, lists, errors, and the events of a watch. */
class ApiServerAnswerFuzzTest extends FuzzTargetTest {

    ApiServerAnswerFuzzTest() {
        super("api-server-answer", Target.class);
    }

    /** The first byte of an input chooses the request, the rest is the body of the response. */
    static final class Target implements FuzzTarget {

        private static final FieldSelection WANTED = FieldSelection.NOTHING
                .with("metadata", "name")
                .with("metadata", "uid")
                .with("metadata", "labels")
                .with("spec", "unschedulable")
                .with(FieldSelection.NOTHING.with("type").withDigest(), "status");

        private final WatchedCollection<String> pods = new WatchedCollection<>(
                "pods",
                "/api/v1/pods",
                "spec.nodeName=node1",
                WANTED,
                object -> Optional.of(object.text("metadata", "name")),
                new Retention<>() {
                    @Override
                    public int weight(String name) {
                        return name.length();
                    }

                    @Override
                    public boolean isRequired(String name) {
                        return false;
                    }
                });

        @Override
        public void run(byte[] input) throws Exception {
            if (input.length == 0) {
                return;
            }
            byte[] body = Arrays.copyOfRange(input, 1, input.length);
            try {
                InputBudget.within(() -> {
                    switch (input[0] % 4) {
                        case 0 -> ResponseBodies.object(new Response(200, body), WANTED);
                        case 1 -> list(body);
                        case 2 ->
                            throw ErrorResponses.errorStatus(
                                    new Response(429, body), ResponseBodies.error(new Response(429, body)));
                        default -> watch(body);
                    }
                    return "";
                });
            } catch (KubeApiException | IOException e) {
                // The declared exceptions.
                if (e.getMessage() != null && e.getMessage().length() > 64 << 10) {
                    throw new AssertionError("a message of " + e.getMessage().length() + " characters", e);
                }
            }
        }

        private void list(byte[] body) throws IOException {
            KeptObjects<String> kept = new KeptObjects<>(pods.retention());
            ResponseBodies.page(new Response(200, body), pods.ofList(), ResponseBodies.MAX_LIST_BYTES, item -> {
                String uid = item.map(object -> object.text("metadata", "uid")).orElse("");
                kept.put(uid, item.flatMap(pods.mapper()), true);
            });
        }

        private void watch(byte[] body) throws IOException {
            JsonStream events = new JsonStream(new ByteArrayInputStream(body), ResponseBodies.OBJECT);
            for (var next = events.next(pods.ofEvent()); next.isPresent(); next = events.next(pods.ofEvent())) {
                if (next.get().node().orElse(null) instanceof Node.Mapping mapping) {
                    ApiObject event = new ApiObject(mapping);
                    Optional<ApiObject> object = event.object("object");
                    if (object.isPresent() && event.text("type").equals("ERROR")) {
                        throw ErrorResponses.errorEvent(object.get());
                    }
                }
            }
        }

        @Override
        public List<byte[]> seeds() {
            String pod = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\",\"uid\":\"u\","
                    + "\"resourceVersion\":\"17\",\"labels\":{\"a\":\"b\"}},\"spec\":{\"unschedulable\":true},"
                    + "\"status\":{\"conditions\":[{\"type\":\"Ready\"}],\"x\":-1.5e3}}";
            List<byte[]> seeds = new ArrayList<>();
            seeds.add(seed(0, pod));
            seeds.add(seed(
                    1,
                    "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"5\",\"continue\":\"c\"},\"items\":["
                            + pod + "," + pod + "]}"));
            seeds.add(seed(
                    2,
                    "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Conflict\",\"message\":\"caf\\u00e9\","
                            + "\"code\":409}"));
            seeds.add(seed(
                    3,
                    "{\"type\":\"ADDED\",\"object\":" + pod + "}\n{\"type\":\"ERROR\",\"object\":{\"code\":410,"
                            + "\"reason\":\"Expired\",\"message\":\"too old\"}}\n"));
            return seeds;
        }

        private static byte[] seed(int request, String body) {
            byte[] text = body.getBytes(StandardCharsets.UTF_8);
            byte[] seed = new byte[text.length + 1];
            seed[0] = (byte) request;
            System.arraycopy(text, 0, seed, 1, text.length);
            return seed;
        }
    }

    private record Response(int statusCode, byte[] bytes) implements HttpResponse<InputStream> {

        @Override
        public InputStream body() {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public URI uri() {
            return URI.create("https://192.0.2.1:6443/api/v1/pods");
        }

        @Override
        public HttpHeaders headers() {
            return HttpHeaders.of(Map.of("Retry-After", List.of("1")), (_, _) -> true);
        }

        @Override
        public HttpRequest request() {
            return HttpRequest.newBuilder(uri()).build();
        }

        @Override
        public Optional<HttpResponse<InputStream>> previousResponse() {
            return Optional.empty();
        }

        @Override
        public Optional<SSLSession> sslSession() {
            return Optional.empty();
        }

        @Override
        public HttpClient.Version version() {
            return HttpClient.Version.HTTP_1_1;
        }
    }
}
