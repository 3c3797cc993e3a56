package io.jubelet.pod;

import java.util.Map;

/** A ConfigMap or Secret of this node. No text of it shows a value. */
public sealed interface ConfigObject permits ConfigMap, Secret {

    /** A DNS label, never empty. */
    String namespace();

    /** A DNS subdomain, unique among the objects of its kind in its namespace. */
    String name();

    /** Whether its content stays as it is until it is removed. */
    boolean immutable();

    /** What a volume shows of it, by key. */
    Map<String, Bytes> files();

    /** {@code ConfigMap} or {@code Secret}. */
    String kind();

    /** {@code ConfigMap default/web}: all that may be said of it everywhere. */
    default String title() {
        return kind() + " " + namespace() + "/" + name();
    }
}
