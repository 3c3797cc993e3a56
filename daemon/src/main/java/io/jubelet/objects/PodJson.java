/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.jubelet.document.JsonText;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodStatus;
import io.jubelet.status.PodReport;
import io.jubelet.status.PodStatusBuilder;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a pod as a v1 Pod: the document of the user with the defaults of the API, what a kubelet adds
 * to a static pod, and its status.
 */
public final class PodJson {

    private static final JsonFactory FACTORY = new JsonFactory();
    private static final ServedSpecs SPECS = new ServedSpecs();
    /** The metadata that Jubelet sets, whatever the document says. */
    private static final Set<String> OWN_METADATA = Set.of(
            "name", "namespace", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "annotations");

    private static final String CONFIG = "kubernetes.io/config.";

    private final NodeInfo node;

    public PodJson(NodeInfo node) {
        this.node = node;
    }

    /** Writes one pod as an object, without a resourceVersion. */
    public void write(JsonGenerator out, PodReport report) throws IOException {
        write(out, report, Optional.empty());
    }

    /** Writes one pod as an object. */
    public void write(JsonGenerator out, PodReport report, Optional<String> resourceVersion) throws IOException {
        out.writeStartObject();
        out.writeStringField("apiVersion", "v1");
        out.writeStringField("kind", "Pod");
        Optional<Pod> pod = report.view().shown();
        PodStatus status = PodStatusBuilder.build(report, node.ips());
        metadata(out, report, pod, status, resourceVersion);
        out.writeFieldName("spec");
        if (pod.isPresent()) {
            out.writeRawValue(SPECS.of(pod.get(), node.name()));
        } else {
            unknownSpec(out, status);
        }
        out.writeFieldName("status");
        PodStatusJson.write(out, status);
        out.writeEndObject();
    }

    private void metadata(
            JsonGenerator out, PodReport report, Optional<Pod> pod, PodStatus status, Optional<String> resourceVersion)
            throws IOException {
        out.writeObjectFieldStart("metadata");
        out.writeStringField("name", report.name().onNode(node.name()));
        out.writeStringField("namespace", report.name().namespace());
        out.writeStringField("uid", report.uid());
        if (resourceVersion.isPresent()) {
            out.writeStringField("resourceVersion", resourceVersion.get());
        }
        moment(out, "creationTimestamp", Optional.of(created(report, status)));
        moment(out, "deletionTimestamp", report.endingSince());
        if (pod.isPresent()) {
            copyMetadata(out, report, pod.get());
        }
        out.writeEndObject();
    }

    /** When a version of a pod was created, as far as this node knows. */
    public static Instant created(PodReport report, PodStatus status) {
        return status.startTime().orElse(report.since());
    }

    private static void copyMetadata(JsonGenerator out, PodReport report, Pod pod) throws IOException {
        boolean annotated = false;
        try (JsonParser in = FACTORY.createParser(pod.document())) {
            boolean found = enter(in, "metadata");
            while (found && in.nextToken() == JsonToken.FIELD_NAME) {
                String field = in.currentName();
                if (!OWN_METADATA.contains(field)) {
                    out.copyCurrentStructure(in);
                } else if (in.nextToken() == JsonToken.START_OBJECT && field.equals("annotations")) {
                    out.writeObjectFieldStart(field);
                    while (in.nextToken() == JsonToken.FIELD_NAME) {
                        copyUnless(in.currentName().startsWith(CONFIG), in, out);
                    }
                    annotations(out, report, pod);
                    annotated = true;
                } else {
                    in.skipChildren();
                }
            }
        }
        if (!annotated) {
            out.writeObjectFieldStart("annotations");
            annotations(out, report, pod);
        }
    }

    private static void annotations(JsonGenerator out, PodReport report, Pod pod) throws IOException {
        out.writeStringField(CONFIG + "hash", pod.uid());
        out.writeStringField(CONFIG + "seen", report.since().toString());
        out.writeStringField(CONFIG + "source", "file");
        out.writeEndObject();
    }

    /** Moves into the object that is the value of a field of the document; false when there is none. */
    private static boolean enter(JsonParser in, String field) throws IOException {
        in.nextToken();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken value = in.nextToken();
            if (name.equals(field)) {
                return value == JsonToken.START_OBJECT;
            }
            in.skipChildren();
        }
        return false;
    }

    private static void copyUnless(boolean skipped, JsonParser in, JsonGenerator out) throws IOException {
        if (skipped) {
            in.nextToken();
            in.skipChildren();
        } else {
            out.copyCurrentStructure(in);
        }
    }

    /** If the content of a pod was lost, only the names of its containers are known. */
    private void unknownSpec(JsonGenerator out, PodStatus status) throws IOException {
        out.writeStartObject();
        out.writeArrayFieldStart("containers");
        for (ContainerStatus container : status.containers()) {
            out.writeStartObject();
            out.writeStringField("name", container.name());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeStringField("nodeName", node.name());
        out.writeEndObject();
    }

    /** Returns the status of a pod as a JSON object. */
    public String status(PodReport report) {
        return JsonText.write(out -> PodStatusJson.write(out, PodStatusBuilder.build(report, node.ips())));
    }

    /** Writes a time in whole seconds, as the API does; nothing if it is empty. */
    public static void moment(JsonGenerator out, String field, Optional<Instant> moment) throws IOException {
        if (moment.isPresent()) {
            out.writeStringField(
                    field, moment.get().truncatedTo(ChronoUnit.SECONDS).toString());
        }
    }
}
