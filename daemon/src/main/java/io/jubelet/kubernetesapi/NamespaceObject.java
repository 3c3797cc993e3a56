/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.objects.PodJson;
import io.jubelet.printing.Age;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A namespace that manifests name.
 *
 * @param created the time of creation of the node, because namespaces are not created here
 */
record NamespaceObject(String name, Instant created) implements ServedObject {

    private static final String NAME_LABEL = "kubernetes.io/metadata.name";

    @Override
    public ResourceKind kind() {
        return ResourceKind.NAMESPACES;
    }

    @Override
    public Metadata metadata() {
        ResourceName id = ResourceName.ofCluster(name);
        return new Metadata(id, ServedObject.uid(kind(), id), created, Map.of(NAME_LABEL, name));
    }

    @Override
    public Map<String, String> fields() {
        return Map.of("metadata.name", name, "status.phase", "Active", "name", name);
    }

    @Override
    public List<String> cells(Instant now) {
        return List.of(name, "Active", Age.since(Optional.of(created), now));
    }

    @Override
    public boolean isMadeOfTheSame(ServedObject other) {
        return equals(other);
    }

    @Override
    public void write(JsonGenerator out, String resourceVersion) throws IOException {
        out.writeStartObject();
        out.writeStringField("apiVersion", "v1");
        out.writeStringField("kind", "Namespace");
        out.writeObjectFieldStart("metadata");
        out.writeStringField("name", name);
        out.writeStringField("uid", metadata().uid());
        out.writeStringField("resourceVersion", resourceVersion);
        PodJson.moment(out, "creationTimestamp", Optional.of(created));
        out.writeObjectFieldStart("labels");
        out.writeStringField(NAME_LABEL, name);
        out.writeEndObject();
        out.writeEndObject();
        out.writeObjectFieldStart("spec");
        out.writeEndObject();
        out.writeObjectFieldStart("status");
        out.writeStringField("phase", "Active");
        out.writeEndObject();
        out.writeEndObject();
    }
}
