package io.jubelet.status;

import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;

/** Whether containers are started again, as far as the status has to know. Pure. */
final class Restarts {

    private Restarts() {}

    /** Whether an init container runs beside the others. */
    static boolean sidecar(ContainerSpec initContainer) {
        return initContainer.restart().policy().stream().anyMatch(RestartPolicy.Always::equals);
    }

    /** Whether a container of a pod is started again after it ended with an exit code. */
    static boolean restarts(PodSpec pod, ContainerSpec container, int exitCode) {
        for (ContainerRestart.Rule rule : container.restart().rules()) {
            if (rule.matches(exitCode)) {
                return true;
            }
        }
        boolean init = pod.initContainers().contains(container);
        if (init && !sidecar(container) && exitCode == 0) {
            return false;
        }
        return container.restart().policy().orElse(pod.restartPolicy()).restarts(exitCode);
    }
}
