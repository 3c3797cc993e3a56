package io.jubelet.cri;

/** With whom a namespace is shared. */
public enum NamespaceMode {
    /** Shared by the containers of the pod. */
    POD,
    /** Each container has its own. */
    CONTAINER,
    /** That of the host. */
    NODE,
    /** That of the container named. */
    TARGET
}
