/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.document.FieldTable;
import io.jubelet.schema.PodFieldTree;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a field holds, in the terms of OpenAPI.
 *
 * @param description may be empty, as in OpenAPI
 * @param type such as {@code string}; empty for any
 * @param properties of an object, by name
 * @param items what each item of an array, or each value of a map, holds
 */
record FieldSchema(
        String description, Optional<String> type, Map<String, FieldSchema> properties, Optional<FieldSchema> items) {

    static final String OBJECT = "object";
    static final String ARRAY = "array";

    private static final Set<String> BOOLEANS = Set.of(
            "allowPrivilegeEscalation",
            "automountServiceAccountToken",
            "enableServiceLinks",
            "hostIPC",
            "hostNetwork",
            "hostPID",
            "hostUsers",
            "optional",
            "privileged",
            "readOnly",
            "readOnlyRootFilesystem",
            "runAsNonRoot",
            "setHostnameAsFQDN",
            "shareProcessNamespace",
            "stdin",
            "stdinOnce",
            "tty");
    private static final Set<String> INTEGERS = Set.of(
            "activeDeadlineSeconds",
            "containerPort",
            "defaultMode",
            "deletionGracePeriodSeconds",
            "failureThreshold",
            "fsGroup",
            "generation",
            "hostPort",
            "initialDelaySeconds",
            "maxSkew",
            "minDomains",
            "mode",
            "periodSeconds",
            "priority",
            "runAsGroup",
            "runAsUser",
            "seconds",
            "successThreshold",
            "terminationGracePeriodSeconds",
            "timeoutSeconds",
            "tolerationSeconds",
            "weight");
    private static final Set<String> LISTS_OF_STRINGS = Set.of(
            "add",
            "args",
            "command",
            "drop",
            "finalizers",
            "hostnames",
            "matchLabelKeys",
            "mismatchLabelKeys",
            "nameservers",
            "namespaces",
            "searches");
    private static final Set<String> MAPS_OF_STRINGS =
            Set.of("annotations", "labels", "limits", "matchLabels", "nodeSelector", "overhead", "requests");
    /** Numbers or strings, quantities among them, or different in different places. */
    private static final Set<String> ANY = Set.of("divisor", "port", "sizeLimit", "values");

    private static FieldSchema of(String description, String type) {
        return new FieldSchema(description, Optional.of(type), Map.of(), Optional.empty());
    }

    private static FieldSchema listOf(String description, FieldSchema items) {
        return new FieldSchema(description, Optional.of(ARRAY), Map.of(), Optional.of(items));
    }

    /** An object of any fields. */
    static FieldSchema object(String description) {
        return of(description, OBJECT);
    }

    /** The Pod, as the tables of the parsers have it. */
    static FieldSchema pod() {
        Map<String, FieldTable> tables = PodFieldTree.create().tables();
        return objectAt("", "A static pod of this node. What Jubelet makes of a field stands with it.", tables);
    }

    private static FieldSchema objectAt(String path, String description, Map<String, FieldTable> tables) {
        Map<String, FieldSchema> properties = new TreeMap<>();
        FieldTable table = tables.get(path);
        if (table != null) {
            for (FieldTable.Field field : table.fields()) {
                properties.put(
                        field.name(), field(path.isEmpty() ? field.name() : path + "." + field.name(), field, tables));
            }
        }
        return new FieldSchema(description, Optional.of(OBJECT), properties, Optional.empty());
    }

    private static FieldSchema field(String path, FieldTable.Field field, Map<String, FieldTable> tables) {
        String description = describe(field);
        if (hasTable(path + "[]", tables)) {
            return listOf(description, objectAt(path + "[]", "", tables));
        }
        if (hasTable(path, tables)) {
            return objectAt(path, description, tables);
        }
        String name = field.name();
        if (BOOLEANS.contains(name)) {
            return of(description, "boolean");
        }
        if (INTEGERS.contains(name)) {
            return of(description, "integer");
        }
        if (LISTS_OF_STRINGS.contains(name)) {
            return listOf(description, of("", "string"));
        }
        if (MAPS_OF_STRINGS.contains(name)) {
            return new FieldSchema(description, Optional.of(OBJECT), Map.of(), Optional.of(of("", "string")));
        }
        if (name.equals("supplementalGroups")) {
            return listOf(description, of("", "integer"));
        }
        // Of a field that cannot be used the type is of no use.
        return ANY.contains(name) || field.use() != FieldTable.Use.HONOURED
                ? new FieldSchema(description, Optional.empty(), Map.of(), Optional.empty())
                : of(description, "string");
    }

    private static boolean hasTable(String path, Map<String, FieldTable> tables) {
        return tables.containsKey(path) || tables.keySet().stream().anyMatch(other -> other.startsWith(path + "."));
    }

    private static String describe(FieldTable.Field field) {
        return switch (field.use()) {
            case HONOURED -> "Works as the Kubernetes API reference says.";
            case NO_EFFECT -> "Has no effect: " + field.note().orElse("") + ".";
            case IGNORED -> "Ignored with a warning: " + field.note().orElse("") + ".";
            case DEFAULT_ONLY -> "Accepted with the default alone: " + String.join(" or ", field.values()) + ".";
            case REFUSED -> "Refused: " + field.note().orElse("") + ".";
        };
    }
}
