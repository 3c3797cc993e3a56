/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import java.util.ArrayList;
import java.util.List;

/**
 * What creates cgroups, which determines their names. Source: the Kubernetes page on container
 * runtimes.
 */
public enum CgroupDriver {
    /** Cgroups are created as directories. */
    CGROUPFS,
    /** Cgroups are slices that systemd creates. */
    SYSTEMD;

    /**
     * The path of a cgroup from the root of the file system.
     *
     * @param name its parts from the root on, such as kubepods, burstable, pod7f3a
     */
    String path(List<String> name) {
        if (this == CGROUPFS) {
            return "/" + String.join("/", name);
        }
        StringBuilder path = new StringBuilder();
        for (int i = 1; i <= name.size(); i++) {
            path.append('/').append(slice(name.subList(0, i)));
        }
        return path.toString();
    }

    /** The parent of a container's cgroup, as a runtime with this driver expects it. */
    String parent(List<String> name) {
        return this == CGROUPFS ? path(name) : slice(name);
    }

    /** The name of a directory directly below a cgroup, without the names of its parents. */
    String lastPart(List<String> above, String directory) {
        String slice = slice(above);
        String prefix = slice.substring(0, slice.lastIndexOf('.')) + "-";
        return this == SYSTEMD && directory.startsWith(prefix) && directory.endsWith(".slice")
                ? directory.substring(prefix.length(), directory.lastIndexOf('.'))
                : directory;
    }

    /**
     * The name of a slice contains those of its parents, with dashes between them as slashes in a
     * path.
     */
    static String slice(List<String> name) {
        List<String> parts = new ArrayList<>();
        name.forEach(part -> parts.add(part.replace('-', '_')));
        return String.join("-", parts) + ".slice";
    }
}
