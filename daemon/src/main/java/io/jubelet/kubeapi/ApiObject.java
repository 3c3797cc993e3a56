package io.jubelet.kubeapi;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An object as the API server sent it. What is absent, null, or of another kind than asked for reads as empty: the API server
 * keeps to its own types.
 *
 * @param tree its fields
 */
public record ApiObject(Node.Mapping tree) {

    public ApiObject {
        Objects.requireNonNull(tree, "tree");
    }

    /**
     * Reads an object.
     *
     * @throws KubeApiException.Unreachable when it is not JSON, as from something that is no API server
     */
    static ApiObject parse(String text) {
        Findings findings = new Findings();
        if (Documents.readJson(text, findings) instanceof Node.Mapping mapping && findings.errorCount() == 0) {
            return new ApiObject(mapping);
        }
        String beginning = text.length() > 80 ? text.substring(0, 80) + "..." : text;
        throw new KubeApiException.Unreachable("the answer is no object of an API server: " + beginning, null);
    }

    /** The text or number in a field below others; empty when it is absent. */
    public String text(String... path) {
        return at(path) instanceof Node.Scalar scalar && !scalar.isNull() ? scalar.value() : "";
    }

    /** Whether there is anything in a field. */
    public boolean has(String... path) {
        return at(path) != null;
    }

    /** The object in a field. */
    public Optional<ApiObject> object(String... path) {
        return at(path) instanceof Node.Mapping mapping ? Optional.of(new ApiObject(mapping)) : Optional.empty();
    }

    /** The objects in a list. */
    public List<ApiObject> objects(String... path) {
        List<ApiObject> objects = new ArrayList<>();
        if (at(path) instanceof Node.Sequence sequence) {
            for (Node item : sequence.items()) {
                if (item instanceof Node.Mapping mapping) {
                    objects.add(new ApiObject(mapping));
                }
            }
        }
        return objects;
    }

    /** The texts in a mapping, such as labels. */
    public Map<String, String> texts(String... path) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (at(path) instanceof Node.Mapping mapping) {
            for (Node.Entry entry : mapping.entries()) {
                if (entry.value() instanceof Node.Scalar scalar) {
                    texts.put(entry.key(), scalar.value());
                }
            }
        }
        return texts;
    }

    /** The texts in a list, such as groups. */
    public List<String> items(String... path) {
        List<String> items = new ArrayList<>();
        if (at(path) instanceof Node.Sequence sequence) {
            for (Node item : sequence.items()) {
                if (item instanceof Node.Scalar scalar) {
                    items.add(scalar.value());
                }
            }
        }
        return items;
    }

    /** The names of the fields in a mapping. */
    public List<String> names(String... path) {
        return at(path) instanceof Node.Mapping mapping
                ? mapping.entries().stream().map(Node.Entry::key).toList()
                : List.of();
    }

    /** A field as JSON, for comparing it with another; empty when it is absent. */
    public String json(String... path) {
        Node node = at(path);
        return node == null ? "" : JsonText.canonical(node);
    }

    private Node at(String... path) {
        Node node = tree;
        for (String name : path) {
            node = node instanceof Node.Mapping mapping ? mapping.get(name) : null;
        }
        return node;
    }
}
