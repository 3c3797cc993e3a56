/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.document.JsonText;
import io.jubelet.node.RuntimeOffer;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Writes the v1 Node and its status as JSON. Pure. */
final class NodeJson {

    private final ClusterSettings settings;

    NodeJson(ClusterSettings settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
    }

    /** Returns an object with fields. */
    static String json(JsonText.Writing fields) {
        return JsonText.write(out -> {
            out.writeStartObject();
            fields.to(out);
            out.writeEndObject();
        });
    }

    /** What an API server adds to the metadata of a Node. */
    record Identity(String uid, String resourceVersion, Instant created, Map<String, String> labels) {}

    /** Writes a Node as an API server would return it. */
    void local(JsonGenerator out, NodeReport report, NodeConditions conditions, Identity identity) throws IOException {
        out.writeStartObject();
        out.writeStringField("apiVersion", "v1");
        out.writeStringField("kind", "Node");
        out.writeObjectFieldStart("metadata");
        out.writeStringField("name", settings.nodeName());
        out.writeStringField("uid", identity.uid());
        out.writeStringField("resourceVersion", identity.resourceVersion());
        moment(out, "creationTimestamp", identity.created());
        texts(out, "labels", identity.labels());
        texts(out, "annotations", settings.registration().annotations());
        out.writeEndObject();
        spec(out);
        status(out, report, conditions, false);
        out.writeEndObject();
    }

    /** Returns a Node to create, with its status. */
    String created(NodeReport report, NodeConditions conditions) {
        return json(out -> {
            out.writeStringField("apiVersion", "v1");
            out.writeStringField("kind", "Node");
            out.writeObjectFieldStart("metadata");
            out.writeStringField("name", settings.nodeName());
            texts(
                    out,
                    "labels",
                    LabelRestriction.allowed(settings.registration().labels()));
            texts(out, "annotations", settings.registration().annotations());
            out.writeEndObject();
            spec(out);
            status(out, report, conditions, false);
        });
    }

    private void spec(JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("spec");
        if (settings.registration().providerId().isPresent()) {
            out.writeStringField(
                    "providerID", settings.registration().providerId().get());
        }
        out.writeArrayFieldStart("taints");
        for (ClusterSettings.Taint taint : settings.registration().taints()) {
            out.writeStartObject();
            out.writeStringField("key", taint.key());
            if (!taint.value().isEmpty()) {
                out.writeStringField("value", taint.value());
            }
            out.writeStringField("effect", taint.effect());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    /** Returns a strategic merge patch of the status. */
    String statusPatch(NodeReport report, NodeConditions conditions) {
        return json(out -> status(out, report, conditions, true));
    }

    /** Returns a patch that sets labels and leaves the others. */
    static String labelsPatch(Map<String, String> labels) {
        return json(out -> {
            out.writeObjectFieldStart("metadata");
            texts(out, "labels", labels);
            out.writeEndObject();
        });
    }

    private void status(JsonGenerator out, NodeReport report, NodeConditions conditions, boolean patch)
            throws IOException {
        out.writeObjectFieldStart("status");
        texts(out, "capacity", report.capacity());
        texts(out, "allocatable", report.allocatable());
        out.writeArrayFieldStart("conditions");
        for (NodeConditions.Condition condition : conditions.all()) {
            out.writeStartObject();
            out.writeStringField("type", condition.type());
            out.writeStringField("status", condition.statusText());
            moment(out, "lastHeartbeatTime", conditions.heartbeat());
            moment(out, "lastTransitionTime", condition.since());
            out.writeStringField("reason", condition.reason());
            out.writeStringField("message", condition.message());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeArrayFieldStart("addresses");
        if (patch) {
            // Addresses are merged by type, but several can have the same type.
            out.writeStartObject();
            out.writeStringField("$patch", "replace");
            out.writeEndObject();
        }
        for (String ip : report.ips()) {
            address(out, "InternalIP", ip);
        }
        address(out, "Hostname", settings.nodeName());
        out.writeEndArray();
        if (settings.kubeletPort() > 0) {
            out.writeObjectFieldStart("daemonEndpoints");
            out.writeObjectFieldStart("kubeletEndpoint");
            out.writeNumberField("Port", settings.kubeletPort());
            out.writeEndObject();
            out.writeEndObject();
            // The API server then passes WebSockets on, and need not translate them to SPDY.
            out.writeArrayFieldStart("declaredFeatures");
            out.writeString("ExtendWebSocketsToKubelet");
            out.writeEndArray();
        }
        texts(out, "nodeInfo", report.nodeInfo());
        images(out, report);
        offer(out, report.runtime().offer());
        out.writeEndObject();
    }

    private static void offer(JsonGenerator out, RuntimeOffer offer) throws IOException {
        if (!offer.handlers().isEmpty()) {
            out.writeArrayFieldStart("runtimeHandlers");
            for (RuntimeOffer.Handler handler : offer.handlers()) {
                out.writeStartObject();
                out.writeStringField("name", handler.name());
                if (handler.features().isPresent()) {
                    out.writeObjectFieldStart("features");
                    out.writeBooleanField(
                            "recursiveReadOnlyMounts", handler.features().get().recursiveReadOnlyMounts());
                    out.writeBooleanField(
                            "userNamespaces", handler.features().get().userNamespaces());
                    out.writeEndObject();
                }
                out.writeEndObject();
            }
            out.writeEndArray();
        }
        if (offer.supplementalGroupsPolicy().isPresent()) {
            out.writeObjectFieldStart("features");
            out.writeBooleanField(
                    "supplementalGroupsPolicy", offer.supplementalGroupsPolicy().get());
            out.writeEndObject();
        }
    }

    /** The list is replaced as a whole; an empty one removes all images. */
    private static void images(JsonGenerator out, NodeReport report) throws IOException {
        out.writeArrayFieldStart("images");
        for (NodeReport.Image image : report.images()) {
            out.writeStartObject();
            out.writeArrayFieldStart("names");
            for (String name : image.names()) {
                out.writeString(name);
            }
            out.writeEndArray();
            out.writeNumberField("sizeBytes", image.bytes());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void address(JsonGenerator out, String type, String address) throws IOException {
        out.writeStartObject();
        out.writeStringField("type", type);
        out.writeStringField("address", address);
        out.writeEndObject();
    }

    private static void texts(JsonGenerator out, String field, Map<String, String> texts) throws IOException {
        out.writeObjectFieldStart(field);
        for (Map.Entry<String, String> entry : new TreeMap<>(texts).entrySet()) {
            out.writeStringField(entry.getKey(), entry.getValue());
        }
        out.writeEndObject();
    }

    private static void moment(JsonGenerator out, String field, Instant moment) throws IOException {
        out.writeStringField(field, moment.truncatedTo(ChronoUnit.SECONDS).toString());
    }
}
