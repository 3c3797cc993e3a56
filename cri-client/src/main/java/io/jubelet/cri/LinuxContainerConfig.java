package io.jubelet.cri;

/**
 * The Linux part of a container configuration.
 *
 * @param resources null when absent
 * @param securityContext null when absent
 */
public record LinuxContainerConfig(LinuxContainerResources resources, LinuxContainerSecurityContext securityContext) {}
