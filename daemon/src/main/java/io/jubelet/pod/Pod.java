package io.jubelet.pod;

import java.util.Map;
import java.util.Objects;

/**
 * One accepted version of a static pod.
 *
 * <p>Two versions of a pod are the same exactly when their {@link #hash} is equal; neither comments, nor the order of
 * keys, nor the path of the file take part in it.
 *
 * @param name namespace and name as written
 * @param node the name of this node, the suffix of the pod's name on the runtime
 * @param uid 32 lower-case hexadecimal digits, a function of node, name and hash
 * @param hash versioned hash of the canonical content that the user wrote, such as {@code v1:9f86d081...}
 * @param labels as written, in no particular order
 * @param annotations as written, in no particular order
 * @param spec with the v1 defaults applied
 * @param document the user's Pod as compact JSON, with nothing added
 * @param source absolute path of the manifest it was read from
 */
public record Pod(
        PodName name,
        String node,
        String uid,
        String hash,
        Map<String, String> labels,
        Map<String, String> annotations,
        PodSpec spec,
        String document,
        String source) {

    public Pod {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(hash, "hash");
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(document, "document");
        Objects.requireNonNull(source, "source");
    }

    /** The pod's name on the runtime and in the API, {@code <name>-<node>}. */
    public String fullName() {
        return name.onNode(node);
    }
}
