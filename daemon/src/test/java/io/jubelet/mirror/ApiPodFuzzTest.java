/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.document.JsonStream;
import io.jubelet.document.Node;
import io.jubelet.fuzz.FuzzTarget;
import io.jubelet.fuzz.FuzzTargetTest;
import io.jubelet.fuzz.InputBudget;
import io.jubelet.kubeapi.ApiObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Pods that an API server shows, as tenants made them. */
class ApiPodFuzzTest extends FuzzTargetTest {

    ApiPodFuzzTest() {
        super("api-pod", Target.class);
    }

    static final class Target implements FuzzTarget {

        private static final JsonStream.Limits LIMITS = new JsonStream.Limits(1 << 20, 10_000, 256 << 10);

        @Override
        public void run(byte[] input) throws Exception {
            try {
                Optional<ApiPod> pod = InputBudget.within(() -> new JsonStream(new ByteArrayInputStream(input), LIMITS)
                        .next(ApiPod.WANTED)
                        .flatMap(JsonStream.Value::node)
                        .flatMap(node -> node instanceof Node.Mapping mapping
                                ? ApiPod.of(new ApiObject(mapping))
                                : Optional.empty()));
                if (pod.isPresent() && pod.get().weight() <= 0) {
                    throw new AssertionError("a pod that weighs nothing: " + pod.get());
                }
            } catch (IOException _) {
                // The declared exception.
            }
        }

        @Override
        public List<byte[]> seeds() {
            return List.of("""
                    {"metadata":{"namespace":"default","name":"web-node1","uid":"u","resourceVersion":"17",
                     "generation":2,"deletionTimestamp":"2026-01-01T00:00:00Z","ownerReferences":[{"uid":"o"}],
                     "annotations":{"kubernetes.io/config.mirror":"v1:0123","a":"b"},"labels":{"c":"d"},
                     "managedFields":[{"manager":"kubectl","subresource":"","fieldsV1":{"f:metadata":{
                     "f:annotations":{".":{},"f:a":{}},"f:labels":{"f:c":{}}},"f:spec":{"f:x":{}}}}]},
                     "spec":{},"status":{"startTime":"2026-01-01T00:00:00Z","phase":"Running"}}
                    """.getBytes(StandardCharsets.UTF_8));
        }
    }
}
