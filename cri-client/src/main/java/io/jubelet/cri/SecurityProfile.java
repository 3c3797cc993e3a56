package io.jubelet.cri;

import java.util.Objects;

/**
 * A seccomp or AppArmor profile.
 *
 * @param localhostRef path of a seccomp profile, or name of a loaded AppArmor profile, when it is a local one
 */
public record SecurityProfile(ProfileType profileType, String localhostRef) {
    public SecurityProfile {
        Objects.requireNonNull(profileType, "profileType");
        Objects.requireNonNull(localhostRef, "localhostRef");
    }

    /** The default profile of the runtime. */
    public static SecurityProfile runtimeDefault() {
        return new SecurityProfile(ProfileType.RUNTIME_DEFAULT, "");
    }

    /** No confinement. */
    public static SecurityProfile unconfined() {
        return new SecurityProfile(ProfileType.UNCONFINED, "");
    }

    /** A profile of this machine: path of a seccomp profile, or name of an AppArmor profile. */
    public static SecurityProfile localhost(String ref) {
        return new SecurityProfile(ProfileType.LOCALHOST, ref);
    }

    /** Where a security profile comes from. */
    public enum ProfileType {
        /** The default of the runtime. */
        RUNTIME_DEFAULT,
        /** No confinement. */
        UNCONFINED,
        /** One found on this machine. */
        LOCALHOST
    }
}
