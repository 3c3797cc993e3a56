package io.jubelet.pod;

import java.util.Objects;

/**
 * How far a pod is apart from the node, its network aside.
 *
 * @param hostPid whether its containers see the processes of the node
 * @param hostIpc whether they share semaphores, message queues and shared memory with the node
 * @param hostUsers whether a user id inside is the same one outside; if not, the pod has a user namespace
 * @param runtimeHandler which of the runtime's ways to run a pod; empty for its default
 */
public record Isolation(boolean hostPid, boolean hostIpc, boolean hostUsers, String runtimeHandler) {

    /** Namespaces of its own, but for that of users, run in the default way. */
    public static final Isolation DEFAULT = new Isolation(false, false, true, "");

    public Isolation {
        Objects.requireNonNull(runtimeHandler, "runtimeHandler");
    }
}
