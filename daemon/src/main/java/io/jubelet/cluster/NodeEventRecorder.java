package io.jubelet.cluster;

/** Is told what happens to the node. */
@FunctionalInterface
interface NodeEventRecorder {

    /**
     * Notes it; must not block.
     *
     * @param warning whether something is not as it should be
     * @param reason one CamelCase word, the kubelet's where it has one
     * @param message one sentence for people
     */
    void event(boolean warning, String reason, String message);
}
