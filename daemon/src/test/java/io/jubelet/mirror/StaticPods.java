/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.status.PodViews;
import java.util.Map;

/** Versions of static pods, for tests of what is made of them. */
final class StaticPods {

    static final String NODE = "node1";

    private static final PodSpec SPEC =
            PodViews.pod("any", "app").build().shown().orElseThrow().spec();

    private StaticPods() {}

    static Pod pod(PodName name, String uid) {
        return pod(name, uid, Map.of(), Map.of(), "{\"spec\":{}}");
    }

    /** @param document the user's, as compact JSON */
    static Pod pod(
            PodName name, String uid, Map<String, String> labels, Map<String, String> annotations, String document) {
        return new Pod(
                name,
                NODE,
                uid,
                "v1:" + uid,
                labels,
                annotations,
                SPEC,
                new Pod.Manifest(document, "/m/" + name.name()));
    }
}
