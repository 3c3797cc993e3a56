/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

/** A part of the configuration: a heading of {@code jubelet run --help} and of the reference, and a group of settings. */
public enum Section {
    NODE("Node and manifests"),
    RUNTIME("Runtime, containers and images"),
    RESOURCES("Resources of the node"),
    LISTENERS("Ports and certificates"),
    CLUSTER("Cluster");

    private final String title;

    Section(String title) {
        this.title = title;
    }

    /** The heading. */
    public String title() {
        return title;
    }
}
