package io.jubelet.desired;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.document.Spelling;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Requests and limits of one container: from the document to records, with validation and the v1 defaults. */
final class ResourcesParser {

    private static final List<String> RESOURCES = List.of("cpu", "memory", "ephemeral-storage");

    private ResourcesParser() {}

    static Resources parse(FieldReader container) {
        FieldReader resources = container.mapping("resources", PodFields.RESOURCES);
        if (resources == null) {
            return Resources.NONE;
        }
        Map<String, Quantity> limits = quantities(resources, "limits");
        Map<String, Quantity> requests = quantities(resources, "requests");
        for (Map.Entry<String, Quantity> limit : limits.entrySet()) {
            Quantity request = requests.putIfAbsent(limit.getKey(), limit.getValue());
            if (request != null && request.compareTo(limit.getValue()) > 0) {
                resources.error(
                        "requests",
                        "the request of " + request + " " + limit.getKey() + " must not be more than the limit of "
                                + limit.getValue());
            }
        }
        return requests.isEmpty() ? Resources.NONE : new Resources(requests, limits);
    }

    private static Map<String, Quantity> quantities(FieldReader resources, String name) {
        Map<String, Quantity> quantities = new HashMap<>();
        for (Node.Entry entry : resources.entries(name)) {
            String path = resources.path(name) + "." + entry.key();
            if (!RESOURCES.contains(entry.key())) {
                String close = Spelling.closest(entry.key(), RESOURCES);
                boolean known =
                        entry.key().startsWith("hugepages-") || entry.key().indexOf('/') > 0;
                String message = known
                        ? "is not supported yet; leave it out"
                        : "there is no resource \"" + entry.key() + "\""
                                + (close == null ? "; cpu and memory are" : "; did you mean \"" + close + "\"?");
                resources.findings().error(entry.line(), entry.column(), path, message);
                continue;
            }
            Quantity quantity = quantity(entry.value(), path, resources);
            if (quantity != null) {
                quantities.put(entry.key(), quantity.inMilli());
                if (entry.key().equals("ephemeral-storage")) {
                    resources.findings().warn(entry.line(), entry.column(), path, "is not enforced yet");
                }
            }
        }
        return quantities;
    }

    /** A quantity of zero or more, written as a text or a number; null when it is none, which is noted. */
    static Quantity quantity(Node node, String path, FieldReader where) {
        if (!(node instanceof Node.Scalar scalar)
                || scalar.type() == Node.Type.BOOLEAN
                || scalar.type() == Node.Type.NULL) {
            where.findings()
                    .error(node, path, "must be a quantity such as 250m or 64Mi, and this is " + node.describe());
            return null;
        }
        try {
            Quantity quantity = Quantity.parse(scalar.value().strip());
            if (quantity.number().signum() < 0) {
                where.findings().error(node, path, "must not be negative, and this is " + scalar.text());
                return null;
            }
            return quantity;
        } catch (IllegalArgumentException e) {
            where.findings().error(node, path, e.getMessage());
            return null;
        }
    }
}
