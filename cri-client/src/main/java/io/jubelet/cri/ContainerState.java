package io.jubelet.cri;

/** Where a container is in its life. */
public enum ContainerState {
    /** Made, never started. */
    CREATED,
    /** Its process runs. */
    RUNNING,
    /** Its process has ended. */
    EXITED,
    /** The runtime cannot tell. */
    UNKNOWN
}
