/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import java.util.List;

/** Refuses ConfigMaps and Secrets, and references of pods to them, with {@code --local-config=false}. */
final class DisabledLocalConfig {

    private static final String OFF = "this daemon runs with --local-config=false";

    private DisabledLocalConfig() {}

    /** The message for a kind that is refused. */
    static String explain(String kind) {
        return kind.equals("ConfigMap") || kind.equals("Secret")
                ? "a " + kind + " is not read because " + OFF
                        + "; put its content into files on the node and mount them with a hostPath volume, or leave the"
                        + " flag out"
                : UnsupportedKinds.explain(kind);
    }

    /** Adds an error for each reference of a pod. */
    static void check(Node.Mapping pod, Findings findings) {
        if (!(pod.get("spec") instanceof Node.Mapping spec)) {
            return;
        }
        refuse(spec, "spec", findings, "imagePullSecrets");
        for (String list : List.of("initContainers", "containers")) {
            List<Node> containers = items(spec, list);
            for (int i = 0; i < containers.size(); i++) {
                container(containers.get(i), "spec." + list + "[" + i + "]", findings);
            }
        }
        List<Node> volumes = items(spec, "volumes");
        for (int i = 0; i < volumes.size(); i++) {
            volume(volumes.get(i), "spec.volumes[" + i + "]", findings);
        }
    }

    private static void container(Node node, String path, Findings findings) {
        if (node instanceof Node.Mapping container) {
            refuse(container, path, findings, "envFrom");
            List<Node> variables = items(container, "env");
            for (int i = 0; i < variables.size(); i++) {
                if (variables.get(i) instanceof Node.Mapping variable
                        && variable.get("valueFrom") instanceof Node.Mapping from) {
                    refuse(from, path + ".env[" + i + "].valueFrom", findings, "configMapKeyRef", "secretKeyRef");
                }
            }
        }
    }

    private static void volume(Node node, String path, Findings findings) {
        if (node instanceof Node.Mapping volume) {
            refuse(volume, path, findings, "configMap", "secret");
            if (volume.get("projected") instanceof Node.Mapping projected) {
                List<Node> sources = items(projected, "sources");
                for (int i = 0; i < sources.size(); i++) {
                    if (sources.get(i) instanceof Node.Mapping source) {
                        refuse(source, path + ".projected.sources[" + i + "]", findings, "configMap", "secret");
                    }
                }
            }
        }
    }

    private static void refuse(Node.Mapping mapping, String path, Findings findings, String... fields) {
        for (String field : fields) {
            Node value = mapping.get(field);
            if (value != null && !value.isNull() && !(value instanceof Node.Sequence list && list.isEmpty())) {
                findings.error(
                        value,
                        path + "." + field,
                        "cannot refer to a ConfigMap or Secret because " + OFF
                                + "; write the values here, or mount files of the node with a hostPath volume");
            }
        }
    }

    private static List<Node> items(Node.Mapping mapping, String field) {
        return mapping.get(field) instanceof Node.Sequence list ? list.items() : List.of();
    }
}
