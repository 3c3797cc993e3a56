/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.document.Spelling;
import io.jubelet.pod.PodResources;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.schema.Names;
import io.jubelet.schema.PodFields;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses and validates the requests and limits of one container, and applies the v1 defaults. */
final class ResourcesParser {

    private static final List<String> RESOURCES = List.of("cpu", "memory", "ephemeral-storage");

    private ResourcesParser() {}

    static Resources parse(FieldReader container) {
        FieldReader resources = container.mapping("resources", PodFields.RESOURCES);
        if (resources == null) {
            return Resources.NONE;
        }
        Map<String, Quantity> limits = quantities(resources, "limits", false);
        Map<String, Quantity> requests = quantities(resources, "requests", false);
        checkHugePagesAreNotAlone(container, "resources", resources.get("limits"), resources.get("requests"));
        for (Map.Entry<String, Quantity> limit : limits.entrySet()) {
            requests.putIfAbsent(limit.getKey(), limit.getValue());
        }
        checkRequests(resources, requests, limits);
        return requests.isEmpty() ? Resources.NONE : new Resources(requests, limits);
    }

    /**
     * Checks that no request is more than the limit, and that requests of huge pages are equal to
     * the limits.
     */
    static void checkRequests(FieldReader resources, Map<String, Quantity> requests, Map<String, Quantity> limits) {
        for (Map.Entry<String, Quantity> request : requests.entrySet()) {
            String name = request.getKey();
            Quantity limit = limits.get(name);
            if (name.startsWith(Resources.HUGE_PAGES)) {
                if (limit == null) {
                    resources.error(
                            "limits",
                            "must name " + name + " too because huge pages need a limit equal to the request");
                } else if (request.getValue().compareTo(limit) != 0) {
                    resources.error(
                            "requests",
                            "the request of " + request.getValue() + " " + name + " must be equal to the limit of "
                                    + limit);
                }
            } else if (limit != null && request.getValue().compareTo(limit) > 0) {
                resources.error(
                        "requests",
                        "the request of " + request.getValue() + " " + name + " must not be more than the limit of "
                                + limit);
            }
        }
    }

    /** @param quantities the mappings as written; null for one that is absent */
    static void checkHugePagesAreNotAlone(FieldReader owner, String field, @Nullable Node... quantities) {
        boolean huge = false;
        boolean other = false;
        for (Node each : quantities) {
            for (Node.Entry entry : each instanceof Node.Mapping mapping ? mapping.entries() : List.<Node.Entry>of()) {
                huge |= entry.key().startsWith(Resources.HUGE_PAGES);
                other |= entry.key().equals("cpu") || entry.key().equals("memory");
            }
        }
        if (huge && !other) {
            owner.error(field, "must name cpu or memory beside the huge pages");
        }
    }

    /** The quantities of a field by resource, without the invalid ones, which become findings. */
    static Map<String, Quantity> quantities(FieldReader reader, String name, boolean ofPod) {
        Map<String, Quantity> quantities = new HashMap<>();
        for (Node.Entry entry : reader.entries(name)) {
            String path = reader.path(name) + "." + entry.key();
            String wrong = checkName(entry.key(), ofPod);
            if (wrong != null) {
                reader.findings().error(entry.line(), entry.column(), path, wrong);
                continue;
            }
            Quantity quantity = quantity(entry.value(), path, reader);
            if (quantity != null) {
                quantities.put(entry.key(), quantity.inMilli());
                warnOfSlip(entry, quantity, path, reader);
                if (entry.key().startsWith(Resources.HUGE_PAGES)) {
                    checkPages(entry.key(), quantity, entry.value(), path, reader);
                } else if (entry.key().equals("ephemeral-storage")) {
                    reader.findings().warn(entry.line(), entry.column(), path, "is not enforced yet");
                }
            }
        }
        return quantities;
    }

    private static void warnOfSlip(Node.Entry entry, Quantity quantity, String path, FieldReader where) {
        String slip = switch (entry.key()) {
            case "cpu" -> QuantitySlips.ofCores(quantity);
            case "memory", "ephemeral-storage" -> QuantitySlips.ofBytes(quantity);
            default -> null;
        };
        if (slip != null) {
            where.findings().warn(entry.value(), path, slip);
        }
    }

    /** The error of the name of a resource; null for none. */
    private static @Nullable String checkName(String name, boolean ofPod) {
        boolean known = RESOURCES.contains(name) || name.startsWith(Resources.HUGE_PAGES);
        if (known && ofPod && !PodResources.isPodLevel(name)) {
            return "can be set only for a container; a pod as a whole can have cpu, memory and hugepages-SIZE";
        }
        if (name.startsWith(Resources.HUGE_PAGES)) {
            return Names.checkKey(name);
        }
        if (known) {
            return null;
        }
        if (name.indexOf('/') > 0) {
            return "is an extended resource, which this node does not have because it runs no device plugins; mount the"
                    + " device's files with a hostPath volume and leave this out";
        }
        String close = Spelling.closest(name, RESOURCES);
        return "there is no resource \"" + name + "\""
                + (close == null ? "; write for example cpu or memory" : "; did you mean \"" + close + "\"?");
    }

    private static void checkPages(String name, Quantity quantity, Node node, String path, FieldReader where) {
        BigDecimal size;
        try {
            size = Quantity.parse(name.substring(Resources.HUGE_PAGES.length())).number();
        } catch (IllegalArgumentException _) {
            size = BigDecimal.ZERO;
        }
        boolean isSize = size.signum() > 0 && size.stripTrailingZeros().scale() <= 0;
        if (!isSize) {
            where.findings().error(node, path, "must name a size of huge pages, such as hugepages-2Mi");
        } else if (BigDecimal.valueOf(quantity.value()).remainder(size).signum() != 0) {
            where.findings()
                    .error(
                            node,
                            path,
                            "must be a multiple of " + name.substring(Resources.HUGE_PAGES.length()) + ", but is "
                                    + quantity);
        }
    }

    /**
     * A quantity of zero or more, written as a string or a number; null, with a finding, when it is
     * not one.
     */
    static @Nullable Quantity quantity(Node node, String path, FieldReader where) {
        if (!(node instanceof Node.Scalar scalar)
                || scalar.type() == Node.Type.BOOLEAN
                || scalar.type() == Node.Type.NULL) {
            where.findings().error(node, path, "must be a quantity such as 250m or 64Mi, but is " + node.describe());
            return null;
        }
        try {
            Quantity quantity = Quantity.parse(scalar.value().strip());
            if (quantity.number().signum() < 0) {
                where.findings().error(node, path, "must not be negative, but is " + scalar.text());
                return null;
            }
            return quantity;
        } catch (IllegalArgumentException e) {
            where.findings().error(node, path, String.valueOf(e.getMessage()));
            return null;
        }
    }
}
