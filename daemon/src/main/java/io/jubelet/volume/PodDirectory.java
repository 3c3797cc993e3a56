/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import java.nio.file.Path;
import java.util.Objects;

/**
 * The directory of one pod version, with the kubelet's layout. The paths that it returns need not
 * exist.
 *
 * @param path without symbolic links, such as {@code /var/lib/jubelet/pods/UID}
 */
public record PodDirectory(Path path) {

    /** The volume plugin of emptyDirs. */
    public static final String EMPTY_DIR = "kubernetes.io/empty-dir";

    public PodDirectory {
        Objects.requireNonNull(path, "path");
    }

    /**
     * The directory of a volume.
     *
     * @param plugin the name of the volume plugin in Kubernetes, such as {@link #EMPTY_DIR}
     */
    public Path volume(String plugin, String name) {
        return path.resolve("volumes").resolve(escaped(plugin)).resolve(name);
    }

    /** The file that exists once a volume is completely set up. */
    Path marker(String plugin, String name) {
        return path.resolve("plugins").resolve(escaped(plugin)).resolve(name).resolve("ready");
    }

    /**
     * The mount point for the {@code subPath} of a volume mount.
     *
     * @param index of the mount among those of the container, from 0
     */
    Path subPath(String volume, String container, int index) {
        return path.resolve("volume-subpaths")
                .resolve(volume)
                .resolve(container)
                .resolve(Integer.toString(index));
    }

    private static String escaped(String plugin) {
        return plugin.replace('/', '~');
    }
}
