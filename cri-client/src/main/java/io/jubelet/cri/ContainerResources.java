package io.jubelet.cri;

/**
 * Resource limits of a container, of the system it runs on.
 *
 * @param linux null on other systems
 * @param windows null on other systems
 */
public record ContainerResources(LinuxContainerResources linux, WindowsContainerResources windows) {

    /** Limits of a Linux container. */
    public static ContainerResources of(LinuxContainerResources linux) {
        return new ContainerResources(linux, null);
    }
}
