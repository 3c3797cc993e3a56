package io.jubelet.pod;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * When one container is started again, where it differs from its pod.
 *
 * @param policy replaces the pod's; an init container with {@link RestartPolicy#Always} is a sidecar
 * @param rules looked at before the policy, the first that matches counts
 */
public record ContainerRestart(Optional<RestartPolicy> policy, List<Rule> rules) {

    /** As the pod says. */
    public static final ContainerRestart AS_POD = new ContainerRestart(Optional.empty(), List.of());

    public ContainerRestart {
        Objects.requireNonNull(policy, "policy");
        rules = List.copyOf(rules);
    }

    /**
     * What to do after some exit codes.
     *
     * @param in whether it is about these exit codes, else about all others
     */
    public record Rule(Action action, boolean in, Set<Integer> exitCodes) {
        public Rule {
            Objects.requireNonNull(action, "action");
            exitCodes = Set.copyOf(exitCodes);
        }

        /** Whether it is about an exit code. */
        public boolean matches(int exitCode) {
            return exitCodes.contains(exitCode) == in;
        }
    }

    /** What a rule has done. The constants are spelt as in the API. */
    public enum Action {
        Restart,
        RestartAllContainers
    }
}
