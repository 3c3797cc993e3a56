/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.pod.NodeNames;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where manifests come from, and what they may contain.
 *
 * @param path a directory, or one manifest file
 * @param nodes the names of this node
 * @param localConfig whether ConfigMaps and Secrets are read, and pods may refer to them
 * @param names which files of the directory are manifests
 * @param checkFrequency how often the directory is scanned without any event
 */
public record ManifestSource(
        Path path, NodeNames nodes, boolean localConfig, ManifestNames names, Duration checkFrequency) {
    public ManifestSource {
        path = path.toAbsolutePath().normalize();
    }
}
