package io.jubelet.cri;

/** Whether a sandbox can hold running containers. */
public enum PodSandboxState {
    /** It holds, or may hold, running containers. */
    READY,
    /** It is stopped, or dead. */
    NOT_READY
}
