package io.jubelet.cri;

/**
 * The Linux part of a container configuration.
 *
 * @param resources null if not set
 * @param securityContext null if not set
 */
public record LinuxContainerConfig(LinuxContainerResources resources, LinuxContainerSecurityContext securityContext) {}
