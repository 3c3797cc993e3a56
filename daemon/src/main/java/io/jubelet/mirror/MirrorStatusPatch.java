package io.jubelet.mirror;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.util.ArrayList;
import java.util.List;

/**
 * The patch that makes the status of a mirror that of its pod. Conditions of others stay, as with the kubelet; all else is
 * replaced. Pure.
 */
final class MirrorStatusPatch {

    /** What a status may lack, and what must go when it does. */
    private static final List<String> OPTIONAL = List.of(
            "message", "reason", "hostIP", "podIP", "startTime", "initContainerStatuses", "ephemeralContainerStatuses");

    /** Lists that a strategic merge would otherwise only add to. */
    private static final List<String> ADDRESSES = List.of("hostIPs", "podIPs");

    /** Follows from the spec, says the API server, which does not let us change it. */
    private static final String QOS = "qosClass";

    private static final Node NULL = new Node.Scalar(0, 0, Node.Type.NULL, "null", "null");

    private MirrorStatusPatch() {}

    /**
     * A strategic merge patch of the sub-resource.
     *
     * @param uid of the mirror; one of another UID is not changed
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

    /** Merged by their types, field by field. */
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

    private static Node replaced(Node list) {
        List<Node> items = new ArrayList<>();
        items.add(mapping(entry("$patch", text("replace"))));
        items.addAll(items(list));
        return new Node.Sequence(0, 0, items);
    }

    private static List<Node> items(Node node) {
        return node instanceof Node.Sequence sequence ? sequence.items() : List.of();
    }

    private static Node.Mapping mapping(Node.Entry... entries) {
        return new Node.Mapping(0, 0, List.of(entries));
    }

    private static Node.Entry entry(String key, Node value) {
        return new Node.Entry(0, 0, key, value);
    }

    private static Node text(String value) {
        return new Node.Scalar(0, 0, Node.Type.TEXT, value, value);
    }
}
