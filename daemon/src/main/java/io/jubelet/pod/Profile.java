/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/** Which rules of the kernel confine a container: a profile of seccomp or of AppArmor. */
public sealed interface Profile {

    /** The default profile of the runtime. */
    record RuntimeDefault() implements Profile {}

    /** No profile. */
    record Unconfined() implements Profile {}

    /**
     * A profile of this node.
     *
     * @param name for seccomp a path below the directory of profiles; for AppArmor the name of a
     *     loaded profile
     */
    record Localhost(String name) implements Profile {
        public Localhost {
            Objects.requireNonNull(name, "name");
        }
    }
}
