/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Map;

/** A ConfigMap or Secret of this node. Its {@code toString} never shows a value. */
public sealed interface ConfigObject permits ConfigMap, Secret {

    /** A DNS label, never empty. */
    String namespace();

    /** A DNS subdomain, unique among the objects of its kind in its namespace. */
    String name();

    /** Whether a change of its content is refused. */
    boolean immutable();

    /** The content of files in a volume, by key. */
    Map<String, Bytes> files();

    /** {@code ConfigMap} or {@code Secret}. */
    String kind();

    /** {@code ConfigMap default/web}, which is safe to log. */
    default String title() {
        return kind() + " " + namespace() + "/" + name();
    }
}
