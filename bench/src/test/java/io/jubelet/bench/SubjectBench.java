package io.jubelet.bench;

/** What can be measured of anyone who runs pods. Each leaves no pod behind when it succeeds. */
interface SubjectBench {
    Subject subject();

    /** A single pod is started. */
    void start() throws Exception;

    /** The container of a pod crashes. */
    void restart() throws Exception;

    /** A pod is replaced by another version of itself. */
    void edit() throws Exception;

    /** A pod is removed. */
    void delete() throws Exception;

    /** Many pods at once, one round of it. */
    void many(Round round) throws Exception;

    /** Nothing is done for no pods, where that means something. */
    default void idle() throws Exception {}

    /** A single pod that has it all is started: init containers, a sidecar, probes. */
    default void life() throws Exception {}

    /** Pods with volumes, one after another; without them where nobody makes any. */
    void volumes() throws Exception;

    /** Many pods are probed each second, where there is somebody who does that. */
    default void probes() throws Exception {}

    /** A ConfigMap is edited that a container has mounted, where there is somebody who looks at it. */
    default void config() throws Exception {}

    /** An image of 200 MB is pulled from a registry on loopback. */
    default void pull() throws Exception {}

    /** Pods are shown in a cluster, where that can be had with and without. */
    default void cluster() throws Exception {}

    /** The start of the one who runs pods, where there is such a thing. */
    default void startup() throws Exception {}
}
