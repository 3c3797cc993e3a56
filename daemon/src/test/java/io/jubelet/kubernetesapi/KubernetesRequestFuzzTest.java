/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonFactory;
import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.Client;
import io.jubelet.fuzz.FuzzTarget;
import io.jubelet.fuzz.FuzzTargetTest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What a client of the Kubernetes API sends: the path, selectors, the header Accept, and a review. An input is a target, an
 * Accept and a body, each on a line.
 */
class KubernetesRequestFuzzTest extends FuzzTargetTest {

    KubernetesRequestFuzzTest() {
        super("kubernetes-request", Requests.class);
    }

    static final class Requests implements FuzzTarget {

        private final ServedNode node = new ServedNode();
        private final ObjectStore store = node.store(1);
        private final ObjectWriter writer = new ObjectWriter(new JsonFactory(), () -> ServedNode.NOW);
        private final WriteRefusal refusal = new WriteRefusal(node.source());

        @Override
        public void run(byte[] input) throws Exception {
            String[] lines = new String(input, StandardCharsets.ISO_8859_1).split("\n", 3);
            try {
                request(lines[0], lines.length > 1 ? lines[1] : "");
            } catch (ApiError expected) {
                require(expected.code() >= 400 && expected.code() < 500, expected.toString());
            }
            try {
                review(lines.length > 2 ? lines[2].getBytes(StandardCharsets.ISO_8859_1) : new byte[0]);
            } catch (ApiError expected) {
                require(expected.code() == 400, expected.toString());
            }
        }

        private void request(String target, String accept) throws Exception {
            ApiRequest request;
            try {
                QueryStringDecoder decoder = new QueryStringDecoder(target);
                HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
                head.headers().set("Accept", accept.replaceAll("[\\x00-\\x1f\\x7f-\\xff]", "?"));
                List<String> path = new ArrayList<>(Arrays.asList(decoder.path().split("/")));
                path.removeIf(String::isEmpty);
                request = new ApiRequest(head, path, decoder.parameters(), new Client("fuzz", true));
            } catch (IllegalArgumentException _) {
                return; // a malformed escape, which the server refuses before this code
            }
            Target named = Target.of(request.path());
            require(!refusal.of("DELETE", named).toString().isEmpty(), target);
            if (named instanceof Target.Document) {
                return;
            }
            Representation form = Representation.of(request);
            Optional<String> namespace = named instanceof Target.InNamespace(ResourceKind _, String name)
                    ? Optional.of(name)
                    : Optional.empty();
            ResourceKind kind = switch (named) {
                case Target.InNamespace(ResourceKind some, String _) -> some;
                case Target.InCluster inCluster -> inCluster.kind();
                case Target.Document _ -> throw new AssertionError(target);
            };
            Selection selection = Selection.of(request, namespace);
            ObjectStore.Listing all = store.list(kind);
            List<ObjectStore.Item> chosen = all.items().stream()
                    .filter(item -> selection.includes(item.object()))
                    .toList();
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            writer.list(
                    written,
                    kind,
                    new ObjectWriter.Page(
                            new ObjectStore.Listing(all.version(), chosen, all.bytes()),
                            Optional.empty(),
                            OptionalInt.empty()),
                    form);
            require(!written.toString(StandardCharsets.UTF_8).contains(ServedNode.SECRET), "a Secret is shown");
        }

        private void review(byte[] body) {
            AccessAttributes.namespace(body);
            switch (AccessAttributes.parse(body)) {
                case AccessAttributes.OfResource resource ->
                    require(!refusal.ofOther(resource.verb(), resource.title()).isEmpty(), resource.toString());
                case AccessAttributes.OfPath path -> require(!path.toString().isEmpty(), path.toString());
            }
        }

        private static void require(boolean holds, String message) {
            if (!holds) {
                throw new AssertionError(message);
            }
        }

        @Override
        public List<byte[]> seeds() {
            String json =
                    "{\"spec\":{\"resourceAttributes\":{\"namespace\":\"default\",\"verb\":\"get\",\"resource\":\"pods\"}}}";
            String protobuf = "k8s\0"
                    + new String(
                            new ProtobufWriter()
                                    .message(
                                            2,
                                            raw -> raw.message(
                                                    2,
                                                    spec -> spec.message(
                                                            1,
                                                            of -> of.text(2, "get")
                                                                    .text(5, "pods"))))
                                    .toByteArray(),
                            StandardCharsets.ISO_8859_1);
            return Stream.of(
                            "/api/v1/pods?labelSelector=app%3Dweb,tier+in+(a,b),!old&fieldSelector=status.phase!%3DRunning\n"
                                    + "application/json;as=Table;v=v1;g=meta.k8s.io,application/json\n" + json,
                            "/api/v1/namespaces/default/pods/web-node1/log\n*/*\n" + protobuf,
                            "/api/v1/namespaces/shop/configmaps?fieldSelector=metadata.name%3Dcolours&includeObject=Object\n"
                                    + "application/vnd.kubernetes.protobuf, application/*;q=0.5\n{}",
                            "/api/v1/nodes/node1\napplication/json\n"
                                    + "{\"spec\":{\"nonResourceAttributes\":{\"path\":\"/api\",\"verb\":\"get\"}}}",
                            "/apis/metrics.k8s.io/v1beta1/pods\napplication/yaml\n{\"spec\":{\"namespace\":\"shop\"}}")
                    .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                    .toList();
        }
    }
}
