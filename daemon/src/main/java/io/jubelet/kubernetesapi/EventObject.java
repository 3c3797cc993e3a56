/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.events.Event;
import io.jubelet.objects.EventJson;
import io.jubelet.objects.NodeInfo;
import io.jubelet.printing.Age;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** An event. */
final class EventObject implements ServedObject {

    private static final String COMPONENT = "jubelet";

    private final Event event;
    private final NodeInfo node;
    private final EventJson json;

    EventObject(Event event, NodeInfo node) {
        this.event = event;
        this.node = node;
        this.json = new EventJson(node);
    }

    private ResourceName name() {
        return ResourceName.in(event.pod().namespace(), json.name(event));
    }

    private String involvedKind() {
        return event.object().ofNode() ? "Node" : "Pod";
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.EVENTS;
    }

    @Override
    public Metadata metadata() {
        return new Metadata(
                name(), ServedObject.uid(kind(), name()), event.series().first(), Map.of());
    }

    @Override
    public Map<String, String> fields() {
        Map<String, String> fields = new HashMap<>();
        fields.put("metadata.name", name().name());
        fields.put("metadata.namespace", event.pod().namespace());
        fields.put("involvedObject.kind", involvedKind());
        fields.put(
                "involvedObject.namespace",
                event.object().ofNode() ? "" : event.pod().namespace());
        fields.put("involvedObject.name", json.object(event));
        fields.put("involvedObject.uid", event.object().uid());
        fields.put("involvedObject.apiVersion", "v1");
        fields.put("involvedObject.resourceVersion", "");
        fields.put("involvedObject.fieldPath", event.object().fieldPath().orElse(""));
        fields.put("reason", event.reason());
        fields.put("reportingComponent", COMPONENT);
        fields.put("source", COMPONENT);
        fields.put("type", type());
        return fields;
    }

    private String type() {
        return event.warning() ? "Warning" : "Normal";
    }

    @Override
    public List<String> cells(Instant now) {
        return List.of(
                Age.since(Optional.of(event.last()), now),
                type(),
                event.reason(),
                involvedKind().toLowerCase(Locale.ROOT) + "/" + json.object(event),
                event.object().fieldPath().orElse(""),
                COMPONENT + ", " + node.name(),
                event.message().strip(),
                Age.since(Optional.of(event.series().first()), now),
                Integer.toString(event.count()),
                name().name());
    }

    @Override
    public boolean isMadeOfTheSame(ServedObject other) {
        return other instanceof EventObject that && that.event == event;
    }

    @Override
    public void write(JsonGenerator out, String resourceVersion) throws IOException {
        json.write(out, event, Optional.of(new EventJson.Identity(ServedObject.uid(kind(), name()), resourceVersion)));
    }
}
