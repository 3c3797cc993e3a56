/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.kubeapi.ApiObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What is kept of the Node of the API server. Immutable.
 *
 * @param uid the UID
 * @param version the resourceVersion
 * @param deleting whether its deletion was requested
 * @param labels all of them
 * @param taints the keys of its taints
 * @param bootId the boot ID in its status; empty if there is none
 * @param unschedulable whether it is cordoned
 * @param conditions the conditions, including those of other clients
 */
public record ClusterNode(
        String uid,
        String version,
        boolean deleting,
        Map<String, String> labels,
        List<String> taints,
        Optional<String> bootId,
        boolean unschedulable,
        List<NodeConditions.ApiCondition> conditions) {

    public ClusterNode {
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(version, "version");
        labels = Map.copyOf(labels);
        taints = List.copyOf(taints);
        Objects.requireNonNull(bootId, "bootId");
        conditions = List.copyOf(conditions);
    }

    static ClusterNode of(ApiObject node) {
        List<String> taints = new ArrayList<>();
        for (ApiObject taint : node.objects("spec", "taints")) {
            taints.add(taint.text("key"));
        }
        List<NodeConditions.ApiCondition> conditions = new ArrayList<>();
        for (ApiObject condition : node.objects("status", "conditions")) {
            conditions.add(new NodeConditions.ApiCondition(
                    condition.text("type"), condition.text("status"), condition.text("lastTransitionTime")));
        }
        return new ClusterNode(
                node.text("metadata", "uid"),
                node.text("metadata", "resourceVersion"),
                node.has("metadata", "deletionTimestamp"),
                node.texts("metadata", "labels"),
                taints,
                Optional.of(node.text("status", "nodeInfo", "bootID")).filter(id -> !id.isEmpty()),
                node.text("spec", "unschedulable").equals("true"),
                conditions);
    }
}
