package io.jubelet.cri;

/** Whether mounts made later inside or outside of a container are seen on the other side. */
public enum MountPropagation {
    /** Neither side sees mounts of the other. */
    PRIVATE,
    /** The container sees mounts made on the host. */
    HOST_TO_CONTAINER,
    /** Both see each other's mounts. */
    BIDIRECTIONAL
}
