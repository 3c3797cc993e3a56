package io.jubelet.observed;

/**
 * Keys of the labels and annotations that sandboxes and containers bear on the runtime: the kubelet's, so that crictl and
 * log collectors work unchanged, and our own.
 */
public final class Labels {

    public static final String POD_NAME = "io.kubernetes.pod.name";
    public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
    public static final String POD_UID = "io.kubernetes.pod.uid";
    public static final String CONTAINER_NAME = "io.kubernetes.container.name";

    /** Label whose value is the node's name: what does not bear it is not ours. */
    public static final String OWNER = "jubelet.io/node";

    /** Annotation of a sandbox: content hash of its pod version. */
    public static final String HASH = "jubelet.io/hash";

    /** Annotation of a sandbox: path of the manifest. */
    public static final String MANIFEST = "jubelet.io/manifest";

    /** Annotation of a sandbox: the termination grace period in whole seconds. */
    public static final String GRACE_PERIOD = "jubelet.io/grace-period-seconds";

    /** Annotation of a container: what to wait after its end, in whole seconds. */
    public static final String BACKOFF = "jubelet.io/backoff-seconds";

    private Labels() {}
}
