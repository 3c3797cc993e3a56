package io.jubelet.cluster;

import io.jubelet.kubeapi.ApiObject;
import java.util.Objects;

/**
 * What is kept of the Node that the API server has.
 *
 * @param uid of it
 * @param leaving whether somebody has asked for its deletion
 */
record ClusterNode(String uid, boolean leaving) {

    ClusterNode {
        Objects.requireNonNull(uid, "uid");
    }

    static ClusterNode of(ApiObject node) {
        return new ClusterNode(node.text("metadata", "uid"), node.has("metadata", "deletionTimestamp"));
    }
}
