/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The Windows part of a container configuration.
 *
 * @param resources null if not set
 * @param securityContext null if not set
 */
public record WindowsContainerConfig(
        @Nullable WindowsContainerResources resources,
        @Nullable WindowsContainerSecurityContext securityContext) {

    /** The security settings of a Windows container. */
    public record WindowsContainerSecurityContext(String runAsUsername, String credentialSpec, boolean hostProcess) {
        public WindowsContainerSecurityContext {
            Objects.requireNonNull(runAsUsername, "runAsUsername");
            Objects.requireNonNull(credentialSpec, "credentialSpec");
        }
    }
}
