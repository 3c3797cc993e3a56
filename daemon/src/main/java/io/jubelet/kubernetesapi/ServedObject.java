/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** An object as it is at one moment. Immutable. */
interface ServedObject {

    /**
     * What lists and tables show of an object of any kind.
     *
     * @param created when it was created, as far as this node knows
     */
    record Metadata(ResourceName name, String uid, Instant created, Map<String, String> labels) {
        public Metadata {
            labels = Map.copyOf(labels);
        }
    }

    ResourceKind kind();

    Metadata metadata();

    /** The fields that field selectors can name, by path. */
    Map<String, String> fields();

    /** The cells of its row in a table, one for each of {@link Column#of}. */
    List<String> cells(Instant now);

    /** Whether another object of the same name has the same JSON for sure. Cheap. */
    boolean isMadeOfTheSame(ServedObject other);

    /** Writes it as an object. */
    void write(JsonGenerator out, String resourceVersion) throws IOException;

    /** A UID of an object that has none of its own; it follows from kind and name. */
    static String uid(ResourceKind kind, ResourceName name) {
        return UUID.nameUUIDFromBytes((kind.kind() + "/" + name.path()).getBytes(StandardCharsets.UTF_8))
                .toString();
    }
}
