/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Objects;

/**
 * A seccomp or AppArmor profile.
 *
 * @param localhostRef the path of a seccomp profile, or the name of a loaded AppArmor profile, for
 *     {@link ProfileType#LOCALHOST}; otherwise empty
 */
public record SecurityProfile(ProfileType profileType, String localhostRef) {
    public SecurityProfile {
        Objects.requireNonNull(profileType, "profileType");
        Objects.requireNonNull(localhostRef, "localhostRef");
    }

    /** Returns the default profile of the runtime. */
    public static SecurityProfile runtimeDefault() {
        return new SecurityProfile(ProfileType.RUNTIME_DEFAULT, "");
    }

    /** Returns the profile without confinement. */
    public static SecurityProfile unconfined() {
        return new SecurityProfile(ProfileType.UNCONFINED, "");
    }

    /**
     * Returns a profile of this machine: the path of a seccomp profile, or the name of an AppArmor
     * profile.
     */
    public static SecurityProfile localhost(String ref) {
        return new SecurityProfile(ProfileType.LOCALHOST, ref);
    }

    /** The source of a security profile. */
    public enum ProfileType {
        /** The default profile of the runtime. */
        RUNTIME_DEFAULT,
        /** No confinement. */
        UNCONFINED,
        /** A profile of this machine. */
        LOCALHOST
    }
}
