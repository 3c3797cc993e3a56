/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.document.FieldSelection;
import io.jubelet.kubeapi.ApiObject;
import io.jubelet.kubeapi.Retention;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

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

    /** The fields that are read. */
    static final FieldSelection WANTED = FieldSelection.NOTHING
            .with("metadata", "name")
            .with("metadata", "uid")
            .with("metadata", "resourceVersion")
            .with("metadata", "deletionTimestamp")
            .with("metadata", "labels")
            .with("spec", "unschedulable")
            .with("spec", "taints", "key")
            .with("status", "nodeInfo", "bootID")
            .with("status", "conditions", "type")
            .with("status", "conditions", "status")
            .with("status", "conditions", "lastTransitionTime");

    /** The Node of a name is the only one, so its size alone matters. */
    static final Retention<ClusterNode> RETENTION = new Retention<>() {
        @Override
        public int weight(ClusterNode node) {
            // About what its wanted fields can occupy at most; two of them fit.
            return WEIGHT;
        }

        @Override
        public boolean isRequired(ClusterNode node) {
            return false;
        }
    };

    private static final int WEIGHT = 1 << 20;

    /** Returns a mapper that keeps the Node of a name. */
    static Function<ApiObject, Optional<ClusterNode>> named(String name) {
        return node -> node.text("metadata", "name").equals(name) ? Optional.of(of(node)) : Optional.empty();
    }

    private static ClusterNode of(ApiObject node) {
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
