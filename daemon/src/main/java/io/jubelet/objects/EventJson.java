/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.events.Event;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Writes events as v1 Events. */
public final class EventJson {

    private static final String COMPONENT = "jubelet";

    private final NodeInfo node;

    /** What only an API that keeps versions of its objects knows of an event. */
    public record Identity(String uid, String resourceVersion) {
        public Identity {
            Objects.requireNonNull(uid, "uid");
            Objects.requireNonNull(resourceVersion, "resourceVersion");
        }
    }

    public EventJson(NodeInfo node) {
        this.node = node;
    }

    /** Writes a v1 EventList. */
    public void list(JsonGenerator out, long version, List<Event> events) throws IOException {
        out.writeStartObject();
        out.writeStringField("kind", "EventList");
        out.writeStringField("apiVersion", "v1");
        out.writeObjectFieldStart("metadata");
        out.writeStringField("resourceVersion", Long.toString(version));
        out.writeEndObject();
        out.writeArrayFieldStart("items");
        for (Event event : events) {
            write(out, event);
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    /** Writes one event as an object, without UID and resourceVersion. */
    public void write(JsonGenerator out, Event event) throws IOException {
        write(out, event, Optional.empty());
    }

    /**
     * Writes one event as an object.
     *
     * @param identity its UID and resourceVersion
     */
    public void write(JsonGenerator out, Event event, Optional<Identity> identity) throws IOException {
        String name = object(event);
        String namespace = event.pod().namespace();
        out.writeStartObject();
        out.writeStringField("apiVersion", "v1");
        out.writeStringField("kind", "Event");
        out.writeObjectFieldStart("metadata");
        out.writeStringField("name", name(event));
        out.writeStringField("namespace", namespace);
        if (identity.isPresent()) {
            out.writeStringField("uid", identity.get().uid());
            out.writeStringField("resourceVersion", identity.get().resourceVersion());
        }
        PodJson.moment(out, "creationTimestamp", Optional.of(event.series().first()));
        out.writeEndObject();
        out.writeObjectFieldStart("involvedObject");
        out.writeStringField("kind", event.object().ofNode() ? "Node" : "Pod");
        if (!event.object().ofNode()) {
            out.writeStringField("namespace", namespace);
        }
        out.writeStringField("name", name);
        out.writeStringField("uid", event.object().uid());
        out.writeStringField("apiVersion", "v1");
        if (event.object().fieldPath().isPresent()) {
            out.writeStringField("fieldPath", event.object().fieldPath().get());
        }
        out.writeEndObject();
        out.writeStringField("reason", event.reason());
        out.writeStringField("message", event.message());
        out.writeObjectFieldStart("source");
        out.writeStringField("component", COMPONENT);
        out.writeStringField("host", node.name());
        out.writeEndObject();
        PodJson.moment(out, "firstTimestamp", Optional.of(event.series().first()));
        PodJson.moment(out, "lastTimestamp", Optional.of(event.last()));
        out.writeNumberField("count", event.count());
        out.writeStringField("type", event.warning() ? "Warning" : "Normal");
        out.writeNullField("eventTime");
        out.writeStringField("reportingComponent", COMPONENT);
        out.writeStringField("reportingInstance", node.name());
        out.writeEndObject();
    }

    /** The name of the object that the event is about. */
    public String object(Event event) {
        return event.object().ofNode() ? event.pod().name() : event.pod().onNode(node.name());
    }

    /** The name of the event in the API, unique and sorted by the first time. */
    public String name(Event event) {
        return object(event) + "." + Long.toHexString(event.id());
    }
}
