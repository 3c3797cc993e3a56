/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Labels and annotations of the sandboxes and containers of this node: those of the kubelet, and
 * those of Jubelet.
 */
public final class Labels {

    /** The pod's name on the runtime, {@code <name>-<node>}. */
    public static final String POD_NAME = "io.kubernetes.pod.name";

    /** The pod's namespace. */
    public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";

    /** The UID of the pod version. */
    public static final String POD_UID = "io.kubernetes.pod.uid";

    /** The container's name in the spec. */
    public static final String CONTAINER_NAME = "io.kubernetes.container.name";

    /**
     * Annotation: a hash of the container's name and image, for tools that read the kubelet's annotations. Jubelet decides
     * nothing by it.
     */
    public static final String CONTAINER_HASH = "io.kubernetes.container.hash";

    /** Annotation: the attempt of the instance. */
    public static final String RESTART_COUNT = "io.kubernetes.container.restartCount";

    /** Annotation: where the container writes its termination message. */
    public static final String TERMINATION_MESSAGE_PATH = "io.kubernetes.container.terminationMessagePath";

    /** Annotation: the termination message policy. */
    public static final String TERMINATION_MESSAGE_POLICY = "io.kubernetes.container.terminationMessagePolicy";

    /** Annotation: the grace period of the pod in seconds, as the kubelet keeps it with containers. */
    public static final String TERMINATION_GRACE_PERIOD = "io.kubernetes.pod.terminationGracePeriod";

    /** Annotation: the UID again, as the kubelet writes it for static pods. */
    public static final String CONFIG_HASH = "kubernetes.io/config.hash";

    /** Annotation: {@code file}. */
    public static final String CONFIG_SOURCE = "kubernetes.io/config.source";

    /** Annotation: when the version was first seen. */
    public static final String CONFIG_SEEN = "kubernetes.io/config.seen";

    /** Label of everything that Jubelet creates; its value is the name that the node had then. */
    public static final String NODE = "jubelet.io/node";

    /** Annotation of sandboxes: content hash of the pod version. */
    public static final String HASH = "jubelet.io/hash";

    /** Annotation of sandboxes: path of the manifest. */
    public static final String MANIFEST = "jubelet.io/manifest";

    /** Annotation of sandboxes: termination grace period in seconds. */
    public static final String GRACE_PERIOD = "jubelet.io/grace-period-seconds";

    /**
     * Annotation of containers: the back-off between their end and the next instance, in seconds.
     */
    public static final String BACKOFF = "jubelet.io/backoff-seconds";

    /**
     * Annotation of containers: how often all containers of the pod had been restarted together;
     * absent if never.
     */
    public static final String ROUND = "jubelet.io/round";

    private Labels() {}

    /** A selector for everything that was created under a name of the node. */
    public static Map<String, String> ofNode(String node) {
        return Map.of(NODE, node);
    }

    /** A selector for all versions of a pod that were created under a name of the node. */
    public static Map<String, String> ofPod(PodName name, String node) {
        return Map.of(NODE, node, POD_NAMESPACE, name.namespace(), POD_NAME, name.onNode(node));
    }

    /** Whether a sandbox or container with these labels and annotations belongs to this node. */
    public static boolean owned(Map<String, String> labels, Map<String, String> annotations, NodeNames nodes) {
        return nodes.owns(
                labels.getOrDefault(NODE, ""),
                labels.getOrDefault(POD_UID, ""),
                annotations.getOrDefault(MANIFEST, ""));
    }

    /** The pod that a sandbox or container belongs to; empty if Jubelet did not create it. */
    static Optional<PodName> podName(Map<String, String> labels, Map<String, String> annotations, NodeNames nodes) {
        String node = labels.getOrDefault(NODE, "");
        String namespace = labels.getOrDefault(POD_NAMESPACE, "");
        String fullName = labels.getOrDefault(POD_NAME, "");
        String suffix = "-" + node;
        boolean ours = owned(labels, annotations, nodes)
                && !namespace.isEmpty()
                && fullName.length() > suffix.length()
                && fullName.endsWith(suffix);
        return ours
                ? Optional.of(new PodName(namespace, fullName.substring(0, fullName.length() - suffix.length())))
                : Optional.empty();
    }

    /** The value of a label or annotation that is a number; 0 for another. */
    static int number(@Nullable String text) {
        try {
            return text == null ? 0 : Math.max(0, Integer.parseInt(text));
        } catch (NumberFormatException _) {
            return 0; // not written by Jubelet
        }
    }

    /** The value of a label or annotation in seconds. */
    static Duration seconds(@Nullable String text, Duration absent) {
        try {
            return text == null ? absent : Duration.ofSeconds(Math.max(0, Long.parseLong(text)));
        } catch (NumberFormatException _) {
            return absent; // not written by Jubelet; the default is that of a pod without the field
        }
    }
}
