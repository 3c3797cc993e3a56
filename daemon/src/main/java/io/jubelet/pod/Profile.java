package io.jubelet.pod;

import java.util.Objects;

/** Which rules of the kernel confine a container: a profile of seccomp or of AppArmor. */
public sealed interface Profile {

    /** The one that the runtime has for every container. */
    record RuntimeDefault() implements Profile {}

    /** None. */
    record Unconfined() implements Profile {}

    /**
     * One of this node.
     *
     * @param name for seccomp a path below the directory of profiles; for AppArmor the name of one
     *     that is loaded
     */
    record Localhost(String name) implements Profile {
        public Localhost {
            Objects.requireNonNull(name, "name");
        }
    }
}
