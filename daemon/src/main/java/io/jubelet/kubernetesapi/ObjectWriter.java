/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.api.ApiError;
import io.jubelet.objects.PodJson;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Writes objects, lists and events of watches in the form that a client accepts. Safe for use by many threads. */
final class ObjectWriter {

    private final JsonFactory factory;
    private final InstantSource clock;

    ObjectWriter(JsonFactory factory, InstantSource clock) {
        this.factory = Objects.requireNonNull(factory, "factory");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * A list or the first part of one.
     *
     * @param next the token of the next part; empty for the last one
     * @param remaining how many objects follow this part; empty if that is unknown
     */
    record Page(ObjectStore.Listing listing, Optional<String> next, OptionalInt remaining) {}

    /** Writes one JSON value. */
    interface Value {
        void write(JsonGenerator out) throws IOException;
    }

    void value(OutputStream response, Value value) throws IOException {
        try (JsonGenerator out = factory.createGenerator(response)) {
            value.write(out);
        }
        response.write('\n');
    }

    /** Writes a list. */
    void list(OutputStream response, ResourceKind kind, Page page, Representation form) throws IOException {
        value(response, out -> {
            out.writeStartObject();
            switch (form) {
                case Representation.Objects() -> {
                    header(out, kind.kind() + "List", "v1");
                    listMetadata(out, page);
                    out.writeArrayFieldStart("items");
                    for (ObjectStore.Item item : page.listing().items()) {
                        item.object().write(out, Long.toString(item.version()));
                    }
                    out.writeEndArray();
                }
                case Representation.Table table -> {
                    header(out, "Table", "meta.k8s.io/" + table.version());
                    listMetadata(out, page);
                    columns(out, kind);
                    rows(out, page.listing().items(), table);
                }
            }
            out.writeEndObject();
        });
    }

    /** Writes one object, alone or as a table with one row. */
    void object(OutputStream response, ObjectStore.Item item, Representation form) throws IOException {
        value(response, out -> object(out, item, form, true));
    }

    private void object(JsonGenerator out, ObjectStore.Item item, Representation form, boolean columns)
            throws IOException {
        String version = Long.toString(item.version());
        switch (form) {
            case Representation.Objects() -> item.object().write(out, version);
            case Representation.Table table -> {
                out.writeStartObject();
                header(out, "Table", "meta.k8s.io/" + table.version());
                out.writeObjectFieldStart("metadata");
                out.writeStringField("resourceVersion", version);
                out.writeEndObject();
                if (columns) {
                    columns(out, item.object().kind());
                } else {
                    out.writeNullField("columnDefinitions");
                }
                rows(out, List.of(item), table);
                out.writeEndObject();
            }
        }
    }

    /**
     * Writes an event of a watch.
     *
     * @param type {@code ADDED}, {@code MODIFIED} or {@code DELETED}
     * @param columns whether a table has the definitions of its columns, which only the first event has
     */
    void event(OutputStream response, String type, ObjectStore.Item item, Representation form, boolean columns)
            throws IOException {
        value(response, out -> {
            out.writeStartObject();
            out.writeStringField("type", type);
            out.writeFieldName("object");
            object(out, item, form, columns);
            out.writeEndObject();
        });
    }

    /**
     * Writes a bookmark, which says that all changes up to a version were sent.
     *
     * @param initialEnd whether it ends the initial events
     */
    void bookmark(OutputStream response, ResourceKind kind, long version, Representation form, boolean initialEnd)
            throws IOException {
        value(response, out -> {
            out.writeStartObject();
            out.writeStringField("type", "BOOKMARK");
            out.writeObjectFieldStart("object");
            if (form instanceof Representation.Table table) {
                header(out, "Table", "meta.k8s.io/" + table.version());
                out.writeObjectFieldStart("metadata");
                out.writeStringField("resourceVersion", Long.toString(version));
                out.writeEndObject();
                out.writeNullField("columnDefinitions");
                out.writeArrayFieldStart("rows");
                out.writeStartObject();
                out.writeArrayFieldStart("cells");
                out.writeEndArray();
                out.writeObjectFieldStart("object");
                header(out, "PartialObjectMetadata", "meta.k8s.io/" + table.version());
                bookmarkMetadata(out, version, initialEnd);
                out.writeEndObject();
                out.writeEndObject();
                out.writeEndArray();
            } else {
                header(out, kind.kind(), "v1");
                bookmarkMetadata(out, version, initialEnd);
            }
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    /** Writes the event that ends a watch with an error. */
    void error(OutputStream response, ApiError error) throws IOException {
        value(response, out -> {
            out.writeStartObject();
            out.writeStringField("type", "ERROR");
            out.writeObjectFieldStart("object");
            header(out, "Status", "v1");
            out.writeObjectFieldStart("metadata");
            out.writeEndObject();
            out.writeStringField("status", "Failure");
            out.writeStringField("message", error.getMessage());
            out.writeStringField("reason", error.reason());
            out.writeNumberField("code", error.code());
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    private static void bookmarkMetadata(JsonGenerator out, long version, boolean initialEnd) throws IOException {
        out.writeObjectFieldStart("metadata");
        out.writeStringField("resourceVersion", Long.toString(version));
        out.writeNullField("creationTimestamp");
        if (initialEnd) {
            out.writeObjectFieldStart("annotations");
            out.writeStringField("k8s.io/initial-events-end", "true");
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    private static void header(JsonGenerator out, String kind, String version) throws IOException {
        out.writeStringField("kind", kind);
        out.writeStringField("apiVersion", version);
    }

    private static void listMetadata(JsonGenerator out, Page page) throws IOException {
        out.writeObjectFieldStart("metadata");
        out.writeStringField("resourceVersion", Long.toString(page.listing().version()));
        if (page.next().isPresent()) {
            out.writeStringField("continue", page.next().get());
        }
        if (page.remaining().isPresent()) {
            out.writeNumberField("remainingItemCount", page.remaining().getAsInt());
        }
        out.writeEndObject();
    }

    private static void columns(JsonGenerator out, ResourceKind kind) throws IOException {
        out.writeArrayFieldStart("columnDefinitions");
        for (Column column : Column.of(kind)) {
            out.writeStartObject();
            out.writeStringField("name", column.name());
            out.writeStringField("type", "string");
            out.writeStringField("format", column.name().equals("Name") ? "name" : "");
            out.writeStringField("description", "");
            out.writeNumberField("priority", column.wide() ? 1 : 0);
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private void rows(JsonGenerator out, List<ObjectStore.Item> items, Representation.Table table) throws IOException {
        Instant now = clock.instant();
        out.writeArrayFieldStart("rows");
        for (ObjectStore.Item item : items) {
            out.writeStartObject();
            out.writeArrayFieldStart("cells");
            for (String cell : item.object().cells(now)) {
                out.writeString(cell);
            }
            out.writeEndArray();
            switch (table.object()) {
                case NONE -> {}
                case METADATA -> {
                    out.writeFieldName("object");
                    partial(out, item, table.version());
                }
                case OBJECT -> {
                    out.writeFieldName("object");
                    item.object().write(out, Long.toString(item.version()));
                }
            }
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void partial(JsonGenerator out, ObjectStore.Item item, String version) throws IOException {
        ServedObject.Metadata metadata = item.object().metadata();
        out.writeStartObject();
        header(out, "PartialObjectMetadata", "meta.k8s.io/" + version);
        out.writeObjectFieldStart("metadata");
        out.writeStringField("name", metadata.name().name());
        if (metadata.name().namespace().isPresent()) {
            out.writeStringField("namespace", metadata.name().namespace().get());
        }
        out.writeStringField("uid", metadata.uid());
        out.writeStringField("resourceVersion", Long.toString(item.version()));
        PodJson.moment(out, "creationTimestamp", Optional.of(metadata.created()));
        if (!metadata.labels().isEmpty()) {
            out.writeObjectFieldStart("labels");
            for (Map.Entry<String, String> label : new TreeMap<>(metadata.labels()).entrySet()) {
                out.writeStringField(label.getKey(), label.getValue());
            }
            out.writeEndObject();
        }
        out.writeEndObject();
        out.writeEndObject();
    }
}
