/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The restart policy of one container, where it differs from that of its pod.
 *
 * @param policy replaces the pod's; an init container with {@link RestartPolicy#Always} is a sidecar
 * @param rules checked before the policy; the first rule that matches applies
 */
public record ContainerRestart(Optional<RestartPolicy> policy, List<Rule> rules) {

    /** The policy of the pod applies. */
    public static final ContainerRestart AS_POD = new ContainerRestart(Optional.empty(), List.of());

    public ContainerRestart {
        Objects.requireNonNull(policy, "policy");
        rules = List.copyOf(rules);
    }

    /**
     * A rule for some exit codes.
     *
     * @param in whether the rule applies to these exit codes, or to all others
     */
    public record Rule(Action action, boolean in, Set<Integer> exitCodes) {
        public Rule {
            Objects.requireNonNull(action, "action");
            exitCodes = Set.copyOf(exitCodes);
        }

        /** Whether the rule applies to an exit code. */
        public boolean matches(int exitCode) {
            return exitCodes.contains(exitCode) == in;
        }
    }

    /** What happens when a rule matches. The constants are spelled as in the API. */
    public enum Action {
        Restart,
        RestartAllContainers
    }
}
