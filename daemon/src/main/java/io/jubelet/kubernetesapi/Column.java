/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import java.util.List;

/**
 * A column of a table. The names and their order are those of an API server.
 *
 * @param wide whether it is shown by {@code -o wide} alone
 */
record Column(String name, boolean wide) {

    private static final List<Column> PODS = List.of(
            shown("Name"),
            shown("Ready"),
            shown("Status"),
            shown("Restarts"),
            shown("Age"),
            wide("IP"),
            wide("Node"),
            wide("Nominated Node"),
            wide("Readiness Gates"));
    private static final List<Column> NODES = List.of(
            shown("Name"),
            shown("Status"),
            shown("Roles"),
            shown("Age"),
            shown("Version"),
            wide("Internal-IP"),
            wide("External-IP"),
            wide("OS-Image"),
            wide("Kernel-Version"),
            wide("Container-Runtime"));
    private static final List<Column> EVENTS = List.of(
            shown("Last Seen"),
            shown("Type"),
            shown("Reason"),
            shown("Object"),
            wide("Subobject"),
            wide("Source"),
            shown("Message"),
            wide("First Seen"),
            wide("Count"),
            wide("Name"));
    private static final List<Column> NAMESPACES = List.of(shown("Name"), shown("Status"), shown("Age"));
    private static final List<Column> CONFIG_MAPS = List.of(shown("Name"), shown("Data"), shown("Age"));

    private static Column shown(String name) {
        return new Column(name, false);
    }

    private static Column wide(String name) {
        return new Column(name, true);
    }

    /** The columns of a kind of objects. */
    static List<Column> of(ResourceKind kind) {
        return switch (kind) {
            case PODS -> PODS;
            case NODES -> NODES;
            case EVENTS -> EVENTS;
            case NAMESPACES -> NAMESPACES;
            case CONFIG_MAPS -> CONFIG_MAPS;
        };
    }
}
