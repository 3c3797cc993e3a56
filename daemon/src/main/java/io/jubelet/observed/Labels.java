package io.jubelet.observed;

import io.jubelet.pod.PodName;
import java.util.Map;
import java.util.Optional;

/** Labels and annotations of our sandboxes and containers: the kubelet's own, and those by which we know ours. */
public final class Labels {

    /** The pod's name on the runtime, {@code <name>-<node>}. */
    public static final String POD_NAME = "io.kubernetes.pod.name";

    /** The pod's namespace. */
    public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";

    /** The UID of the pod version. */
    public static final String POD_UID = "io.kubernetes.pod.uid";

    /** The container's name in the spec. */
    public static final String CONTAINER_NAME = "io.kubernetes.container.name";

    /** Annotation: what the instance was made from, in short. */
    public static final String CONTAINER_HASH = "io.kubernetes.container.hash";

    /** Annotation: the attempt of the instance. */
    public static final String RESTART_COUNT = "io.kubernetes.container.restartCount";

    /** Annotation: where the container writes its last words. */
    public static final String TERMINATION_MESSAGE_PATH = "io.kubernetes.container.terminationMessagePath";

    /** Annotation: what else counts as last words. */
    public static final String TERMINATION_MESSAGE_POLICY = "io.kubernetes.container.terminationMessagePolicy";

    /** Annotation: the grace period of the pod in seconds, as the kubelet keeps it with containers. */
    public static final String TERMINATION_GRACE_PERIOD = "io.kubernetes.pod.terminationGracePeriod";

    /** Annotation: the UID again, as the kubelet notes it for pods from files. */
    public static final String CONFIG_HASH = "kubernetes.io/config.hash";

    /** Annotation: {@code file}. */
    public static final String CONFIG_SOURCE = "kubernetes.io/config.source";

    /** Annotation: when the version was first acted on. */
    public static final String CONFIG_SEEN = "kubernetes.io/config.seen";

    /** Label of whatever is ours, with the node's name as its value. */
    public static final String NODE = "jubelet.io/node";

    /** Annotation of sandboxes: content hash of the pod version. */
    public static final String HASH = "jubelet.io/hash";

    /** Annotation of sandboxes: path of the manifest. */
    public static final String MANIFEST = "jubelet.io/manifest";

    /** Annotation of sandboxes: termination grace period in seconds. */
    public static final String GRACE_PERIOD = "jubelet.io/grace-period-seconds";

    /** Annotation of containers: what to wait after their end before the next instance. */
    public static final String BACKOFF = "jubelet.io/backoff-seconds";

    /** Annotation of containers: how often all containers of the pod had been restarted together; absent means never. */
    public static final String ROUND = "jubelet.io/round";

    private Labels() {}

    /** Selects everything that is ours. */
    public static Map<String, String> ofNode(String node) {
        return Map.of(NODE, node);
    }

    /** Selects what is ours of one pod name, in all its versions. */
    public static Map<String, String> ofPod(PodName name, String node) {
        return Map.of(NODE, node, POD_NAMESPACE, name.namespace(), POD_NAME, name.onNode(node));
    }

    /** Whose a sandbox or container is; empty when its labels are not as ours. */
    static Optional<PodName> podName(Map<String, String> labels, String node) {
        String namespace = labels.getOrDefault(POD_NAMESPACE, "");
        String fullName = labels.getOrDefault(POD_NAME, "");
        String suffix = "-" + node;
        boolean ours = node.equals(labels.get(NODE))
                && !namespace.isEmpty()
                && fullName.length() > suffix.length()
                && fullName.endsWith(suffix);
        return ours
                ? Optional.of(new PodName(namespace, fullName.substring(0, fullName.length() - suffix.length())))
                : Optional.empty();
    }
}
