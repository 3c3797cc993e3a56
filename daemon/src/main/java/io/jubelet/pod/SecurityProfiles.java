/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;
import java.util.Optional;

/**
 * The profiles of kernel security modules, as the securityContext of a pod or container says.
 *
 * @param seccomp empty when it names no profile
 * @param appArmor empty when it names no profile
 * @param selinux empty when it names no label
 */
public record SecurityProfiles(Optional<Profile> seccomp, Optional<Profile> appArmor, Optional<SelinuxLabel> selinux) {

    /** Nothing is set. */
    public static final SecurityProfiles UNSET =
            new SecurityProfiles(Optional.empty(), Optional.empty(), Optional.empty());

    public SecurityProfiles {
        Objects.requireNonNull(seccomp, "seccomp");
        Objects.requireNonNull(appArmor, "appArmor");
        Objects.requireNonNull(selinux, "selinux");
    }
}
