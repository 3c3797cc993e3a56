/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.pod.SysctlAllowlist;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What the administrator of the node lets pods do.
 *
 * @param rootDir the daemon's directory; seccomp profiles are in {@code seccomp} below it
 * @param seccompDefault whether a container that asks for no profile gets the runtime's default profile instead of none
 * @param sysctls the sysctls that pods may set
 * @param idsPerPod how many user ids a pod with a user namespace gets, a multiple of 65536
 * @param maxPods how many pods may run
 */
public record ConfinementSettings(
        Path rootDir, boolean seccompDefault, SysctlAllowlist sysctls, int idsPerPod, int maxPods) {

    /** How many user ids the kubelet gives a pod by default. */
    public static final int DEFAULT_IDS_PER_POD = 65536;

    public ConfinementSettings {
        Objects.requireNonNull(rootDir, "rootDir");
        Objects.requireNonNull(sysctls, "sysctls");
    }

    /** The settings of a kubelet with an empty configuration. */
    public static ConfinementSettings defaults(Path rootDir) {
        return new ConfinementSettings(rootDir, false, new SysctlAllowlist(List.of()), DEFAULT_IDS_PER_POD, 110);
    }
}
