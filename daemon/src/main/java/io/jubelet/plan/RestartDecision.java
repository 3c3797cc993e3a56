/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;

/**
 * What follows the end of a container. Pure.
 *
 * <p>The first rule of the container that matches applies, otherwise the container's own policy, otherwise the pod's. Source: the Kubernetes page
 * on the pod life cycle, "individual container restart policy and rules".
 */
public enum RestartDecision {
    /** The container is started again. */
    RESTART,
    /** All containers are stopped, and the pod starts again with its first init container. */
    RESTART_ALL,
    /** The container is not started again: it has completed, or its policy allows no restart. */
    STAY;

    private static final String OUT_OF_MEMORY = "OOMKilled";

    /**
     * Decides what follows the end of a container.
     *
     * @param container a container of the pod, whether it is an init container or not
     * @param exitCode its exit code
     * @param reason the runtime's reason for its end; can be empty
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
        // An init container that has completed is not restarted, whatever the policy says.
        boolean again = policy != RestartPolicy.Never && !completes(pod, container, exitCode, reason);
        return again ? RESTART : STAY;
    }

    /**
     * Decides what follows the stop of a container whose probe failed: it is started again unless its policy is Never. The rules
     * do not apply, because the stop determined its exit code.
     */
    public static RestartDecision afterProbe(PodSpec pod, ContainerSpec container) {
        RestartPolicy policy = container.restart().policy().orElse(pod.restartPolicy());
        return policy == RestartPolicy.Never ? STAY : RESTART;
    }

    /** Whether an init container that ended like this has completed, so that the next one may start. */
    static boolean completes(PodSpec pod, ContainerSpec container, int exitCode, String reason) {
        return !pod.isSidecar(container) && exitCode == 0 && !reason.equals(OUT_OF_MEMORY);
    }
}
