package io.jubelet.plan;

import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;

/**
 * What follows the end of a container. Pure.
 *
 * <p>The first rule of the container that matches counts, else its own policy, else the pod's. Source: the Kubernetes page
 * on the pod life cycle, "individual container restart policy and rules".
 */
public enum RestartDecision {
    /** It is started again. */
    RESTART,
    /** All containers are stopped and the pod begins again with its first init container. */
    RESTART_ALL,
    /** It is not started again: it has done its work, or may not try once more. */
    STAY;

    private static final String OUT_OF_MEMORY = "OOMKilled";

    /**
     * What follows.
     *
     * @param container one of the pod's, be it an init container or not
     * @param exitCode how it ended
     * @param reason the runtime's word for how it ended, may be empty
     */
    public static RestartDecision after(PodSpec pod, ContainerSpec container, int exitCode, String reason) {
        for (ContainerRestart.Rule rule : container.restart().rules()) {
            if (rule.matches(exitCode)) {
                if (rule.action() == ContainerRestart.Action.RestartAllContainers) {
                    return RESTART_ALL;
                }
                return pod.isInit(container) && completes(pod, container, exitCode, reason) ? STAY : RESTART;
            }
        }
        RestartPolicy policy = container.restart().policy().orElse(pod.restartPolicy());
        if (!pod.isInit(container) || pod.isSidecar(container)) {
            return policy.restarts(exitCode) ? RESTART : STAY;
        }
        // An init container has one work to do, whatever the policy says of containers that go on.
        boolean again = policy != RestartPolicy.Never && !completes(pod, container, exitCode, reason);
        return again ? RESTART : STAY;
    }

    /**
     * What follows the stop of a container that a probe has given up: however it ended, it is started again unless it never
     * is. No rule is asked, for its exit code is none of its own.
     */
    public static RestartDecision afterProbe(PodSpec pod, ContainerSpec container) {
        RestartPolicy policy = container.restart().policy().orElse(pod.restartPolicy());
        return policy == RestartPolicy.Never ? STAY : RESTART;
    }

    /** Whether an init container that ended so has done its work, and the next one may start. */
    static boolean completes(PodSpec pod, ContainerSpec container, int exitCode, String reason) {
        return !pod.isSidecar(container) && exitCode == 0 && !reason.equals(OUT_OF_MEMORY);
    }
}
