package io.jubelet.cri;

import java.util.Objects;

/**
 * The Windows part of a container configuration.
 *
 * @param resources null when absent
 * @param securityContext null when absent
 */
public record WindowsContainerConfig(
        WindowsContainerResources resources, WindowsContainerSecurityContext securityContext) {

    /** The security settings of a Windows container. */
    public record WindowsContainerSecurityContext(String runAsUsername, String credentialSpec, boolean hostProcess) {
        public WindowsContainerSecurityContext {
            Objects.requireNonNull(runAsUsername, "runAsUsername");
            Objects.requireNonNull(credentialSpec, "credentialSpec");
        }
    }
}
