/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import java.util.List;

/** Explains why a kind is not supported, and what to write instead. */
final class UnsupportedKinds {

    private UnsupportedKinds() {}

    static String explain(String kind) {
        for (String ours : List.of("Pod", "ConfigMap", "Secret")) {
            if (kind.equalsIgnoreCase(ours) || kind.equalsIgnoreCase(ours + "s")) {
                return "write \"kind: " + ours + "\"";
            }
        }
        return switch (kind) {
            case "Deployment", "ReplicaSet", "StatefulSet", "ReplicationController", "Job" ->
                "a " + kind + " needs the controllers of a cluster; take the pod out of its spec.template, give it"
                        + " apiVersion: v1, kind: Pod and metadata.name, and write one file for each replica";
            case "DaemonSet" ->
                "a DaemonSet needs the controllers of a cluster; take the pod out of its spec.template, give it"
                        + " apiVersion: v1, kind: Pod and metadata.name, and put the file on each node";
            case "CronJob" ->
                "a CronJob needs the controllers of a cluster; use a systemd timer that adds a Pod manifest here and removes it again";
            case "PodList", "List" ->
                "a " + kind
                        + " is a response of an API server; write its items as separate documents, with a line of ---"
                        + " between them";
            case "PodTemplate" ->
                "a PodTemplate is not run by itself; take the pod out of its template and give it apiVersion: v1, kind:"
                        + " Pod and metadata.name";
            case "Service", "Ingress", "Endpoints", "EndpointSlice", "NetworkPolicy" ->
                "a " + kind + " needs a cluster's network; let the pod use hostNetwork, or reach it by its own address";
            case "PersistentVolume", "PersistentVolumeClaim", "StorageClass" ->
                "a " + kind
                        + " needs the controllers of a cluster; mount a directory of the node with a hostPath volume";
            case "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding" ->
                "a " + kind + " has a meaning only for an API server; a static pod has no service account";
            case "Namespace" ->
                "namespaces need no manifest here; write metadata.namespace in the pod and leave this document out";
            case "KubeletConfiguration" ->
                "a KubeletConfiguration is given to the daemon with --config; move the file out of the manifest directory";
            default -> "must be Pod, ConfigMap or Secret, but is " + kind + "; move it out of the manifest directory";
        };
    }
}
