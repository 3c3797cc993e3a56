/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import org.jspecify.annotations.Nullable;

/**
 * The resource limits of a container, in the form of its operating system.
 *
 * @param linux null on other operating systems
 * @param windows null on other operating systems
 */
public record ContainerResources(
        @Nullable LinuxContainerResources linux, @Nullable WindowsContainerResources windows) {

    /** Returns the limits of a Linux container. */
    public static ContainerResources of(LinuxContainerResources linux) {
        return new ContainerResources(linux, null);
    }
}
