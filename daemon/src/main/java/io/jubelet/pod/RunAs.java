/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;
import java.util.Optional;

/**
 * The user and group of first processes, as the securityContext of a pod or container says.
 *
 * @param user {@code runAsUser}, a user id
 * @param group {@code runAsGroup}, a group id
 * @param nonRoot {@code runAsNonRoot}: whether a container that would run as root is not started
 */
public record RunAs(Optional<Long> user, Optional<Long> group, Optional<Boolean> nonRoot) {

    /** Nothing is set. */
    public static final RunAs UNSET = new RunAs(Optional.empty(), Optional.empty(), Optional.empty());

    public RunAs {
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(nonRoot, "nonRoot");
    }
}
