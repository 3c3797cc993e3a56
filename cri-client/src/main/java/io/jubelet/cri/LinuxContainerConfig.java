/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import org.jspecify.annotations.Nullable;

/**
 * The Linux part of a container configuration.
 *
 * @param resources null if not set
 * @param securityContext null if not set
 */
public record LinuxContainerConfig(
        @Nullable LinuxContainerResources resources,
        @Nullable LinuxContainerSecurityContext securityContext) {}
