/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The Windows part of a sandbox configuration.
 *
 * @param securityContext null if not set
 */
public record WindowsPodSandboxConfig(@Nullable WindowsSandboxSecurityContext securityContext) {

    /**
     * The security settings of a Windows sandbox.
     *
     * @param namespaceOptions null if not set
     */
    public record WindowsSandboxSecurityContext(
            String runAsUsername,
            String credentialSpec,
            boolean hostProcess,
            @Nullable WindowsNamespaceOption namespaceOptions) {
        public WindowsSandboxSecurityContext {
            Objects.requireNonNull(runAsUsername, "runAsUsername");
            Objects.requireNonNull(credentialSpec, "credentialSpec");
        }
    }

    /** The namespaces of a Windows sandbox. */
    public record WindowsNamespaceOption(NamespaceMode network) {
        public WindowsNamespaceOption {
            Objects.requireNonNull(network, "network");
        }
    }
}
