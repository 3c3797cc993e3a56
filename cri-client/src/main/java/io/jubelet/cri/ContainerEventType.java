package io.jubelet.cri;

/** What happened. */
public enum ContainerEventType {
    /** It was created. */
    CREATED,
    /** It was started. */
    STARTED,
    /** It has exited. */
    STOPPED,
    /** It was removed. */
    DELETED
}
