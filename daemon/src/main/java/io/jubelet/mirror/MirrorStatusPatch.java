/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds the patch that gives a mirror pod the status of its static pod. Conditions of other
 * clients stay, as with the kubelet; everything else is replaced. Pure.
 */
final class MirrorStatusPatch {

    /** Fields that can be absent, and are then removed. */
    private static final List<String> OPTIONAL = List.of(
            "message", "reason", "hostIP", "podIP", "startTime", "initContainerStatuses", "ephemeralContainerStatuses");

    /** Lists that a strategic merge would only extend. */
    private static final List<String> ADDRESSES = List.of("hostIPs", "podIPs");

    /** The API server derives it from the spec and rejects changes. */
    private static final String QOS = "qosClass";

    private static final Node NULL = new Node.Scalar(0, 0, Node.Type.NULL, "null", "null");

    private MirrorStatusPatch() {}

    /**
     * Returns a strategic merge patch of the status subresource.
     *
     * @param uid the UID of the mirror pod; the API server rejects the patch for another UID
     * @param status a v1 PodStatus in JSON
     */
    static String patch(String uid, String status) {
        if (!(Documents.readJson(status, new Findings()) instanceof Node.Mapping written)) {
            throw new IllegalArgumentException("no status: " + status);
        }
        List<Node.Entry> entries = new ArrayList<>();
        for (Node.Entry entry : written.entries()) {
            if (entry.key().equals("conditions")) {
                entries.add(entry(entry.key(), conditions(entry.value())));
            } else if (!entry.key().equals(QOS) && !ADDRESSES.contains(entry.key())) {
                entries.add(entry);
            }
        }
        ADDRESSES.forEach(field -> entries.add(entry(field, replaced(written.get(field)))));
        for (String field : OPTIONAL) {
            if (written.get(field) == null) {
                entries.add(entry(field, NULL));
            }
        }
        return JsonText.of(mapping(
                entry("metadata", mapping(entry("uid", text(uid)))), entry("status", new Node.Mapping(0, 0, entries))));
    }

    /** Conditions are merged by type, field by field. */
    private static Node conditions(Node conditions) {
        List<Node> items = new ArrayList<>();
        for (Node item : items(conditions)) {
            List<Node.Entry> entries = new ArrayList<>(((Node.Mapping) item).entries());
            for (String field : List.of("reason", "message")) {
                if (((Node.Mapping) item).get(field) == null) {
                    entries.add(entry(field, NULL));
                }
            }
            items.add(new Node.Mapping(0, 0, entries));
        }
        return new Node.Sequence(0, 0, items);
    }

    private static Node replaced(@Nullable Node list) {
        List<Node> items = new ArrayList<>();
        items.add(mapping(entry("$patch", text("replace"))));
        items.addAll(items(list));
        return new Node.Sequence(0, 0, items);
    }

    private static List<Node> items(@Nullable Node node) {
        return node instanceof Node.Sequence sequence ? sequence.items() : List.of();
    }

    private static Node.Mapping mapping(Node.Entry... entries) {
        return new Node.Mapping(0, 0, List.of(entries));
    }

    private static Node.Entry entry(String key, Node value) {
        return new Node.Entry(0, 0, key, value);
    }

    private static Node text(String value) {
        return new Node.Scalar(0, 0, Node.Type.STRING, value, value);
    }
}
