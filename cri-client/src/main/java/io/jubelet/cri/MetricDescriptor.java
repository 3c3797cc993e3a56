/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.Objects;

/** Describes one metric of {@link PodSandboxMetrics}. */
public record MetricDescriptor(String name, String help, List<String> labelKeys) {
    public MetricDescriptor {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(help, "help");
        labelKeys = List.copyOf(labelKeys);
    }
}
