/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.objects.PodJson;
import io.jubelet.pod.Bytes;
import io.jubelet.pod.ConfigMap;
import io.jubelet.printing.Age;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A ConfigMap of the manifest directory.
 *
 * @param created since when its file has its present state
 */
record ConfigMapObject(ConfigMap map, Instant created) implements ServedObject {

    @Override
    public ResourceKind kind() {
        return ResourceKind.CONFIG_MAPS;
    }

    @Override
    public Metadata metadata() {
        ResourceName name = ResourceName.in(map.namespace(), map.name());
        return new Metadata(name, ServedObject.uid(kind(), name), created, Map.of());
    }

    @Override
    public Map<String, String> fields() {
        return Map.of("metadata.name", map.name(), "metadata.namespace", map.namespace());
    }

    @Override
    public List<String> cells(Instant now) {
        return List.of(
                map.name(),
                Integer.toString(map.data().size() + map.binaryData().size()),
                Age.since(Optional.of(created), now));
    }

    @Override
    public boolean isMadeOfTheSame(ServedObject other) {
        return equals(other);
    }

    @Override
    public void write(JsonGenerator out, String resourceVersion) throws IOException {
        Metadata metadata = metadata();
        out.writeStartObject();
        out.writeStringField("apiVersion", "v1");
        out.writeStringField("kind", "ConfigMap");
        out.writeObjectFieldStart("metadata");
        out.writeStringField("name", map.name());
        out.writeStringField("namespace", map.namespace());
        out.writeStringField("uid", metadata.uid());
        out.writeStringField("resourceVersion", resourceVersion);
        PodJson.moment(out, "creationTimestamp", Optional.of(created));
        out.writeEndObject();
        if (map.immutable()) {
            out.writeBooleanField("immutable", true);
        }
        if (!map.data().isEmpty()) {
            out.writeObjectFieldStart("data");
            for (Map.Entry<String, String> entry : new TreeMap<>(map.data()).entrySet()) {
                out.writeStringField(entry.getKey(), entry.getValue());
            }
            out.writeEndObject();
        }
        if (!map.binaryData().isEmpty()) {
            out.writeObjectFieldStart("binaryData");
            for (Map.Entry<String, Bytes> entry : new TreeMap<>(map.binaryData()).entrySet()) {
                out.writeBinaryField(entry.getKey(), entry.getValue().toArray());
            }
            out.writeEndObject();
        }
        out.writeEndObject();
    }
}
