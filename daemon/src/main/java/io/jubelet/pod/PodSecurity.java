package io.jubelet.pod;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The securityContext of a pod: what its containers share, and what those inherit that say nothing else.
 *
 * @param runAsUser a user id; empty for the user of the image
 * @param runAsGroup a group id; empty for the group of the user
 * @param runAsNonRoot whether containers that would run as root are held back; empty for no
 * @param supplementalGroups ids of further groups of the first processes, in the order of the manifest
 * @param groupsPolicy whether the groups that the image gives the user count too
 * @param fsGroup a further group, which owns the volumes that belong to the pod
 * @param fsGroupChangePolicy when files in these volumes are given to it
 * @param seccomp empty for what the node does without a word
 * @param appArmor empty for what the runtime does without a word
 * @param selinux empty for a label that the runtime chooses
 * @param sysctls by names with dots, in the order of the manifest
 */
public record PodSecurity(
        Optional<Long> runAsUser,
        Optional<Long> runAsGroup,
        Optional<Boolean> runAsNonRoot,
        List<Long> supplementalGroups,
        GroupsPolicy groupsPolicy,
        Optional<Long> fsGroup,
        FsGroupChangePolicy fsGroupChangePolicy,
        Optional<Profile> seccomp,
        Optional<Profile> appArmor,
        Optional<SelinuxLabel> selinux,
        Map<String, String> sysctls) {

    /** Nothing is asked for. */
    public static final PodSecurity NONE = builder().build();

    /** Which supplemental groups a process has; spelt as in the API. */
    public enum GroupsPolicy {
        /** Those of the manifest, and those that the image's group file gives the user. */
        Merge,
        /** Those of the manifest alone. */
        Strict
    }

    /** When the files of a volume are given to fsGroup; spelt as in the API. */
    public enum FsGroupChangePolicy {
        /** Each time the volume is set up. */
        Always,
        /** Only when its root does not look as if it had been done. */
        OnRootMismatch
    }

    public PodSecurity {
        Objects.requireNonNull(runAsUser, "runAsUser");
        Objects.requireNonNull(runAsGroup, "runAsGroup");
        Objects.requireNonNull(runAsNonRoot, "runAsNonRoot");
        supplementalGroups = List.copyOf(supplementalGroups);
        Objects.requireNonNull(groupsPolicy, "groupsPolicy");
        Objects.requireNonNull(fsGroup, "fsGroup");
        Objects.requireNonNull(fsGroupChangePolicy, "fsGroupChangePolicy");
        Objects.requireNonNull(seccomp, "seccomp");
        Objects.requireNonNull(appArmor, "appArmor");
        Objects.requireNonNull(selinux, "selinux");
        sysctls = Collections.unmodifiableMap(new LinkedHashMap<>(sysctls));
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builder of a pod's securityContext; what is not set is not asked for. */
    public static final class Builder {

        private Optional<Long> runAsUser = Optional.empty();
        private Optional<Long> runAsGroup = Optional.empty();
        private Optional<Boolean> runAsNonRoot = Optional.empty();
        private List<Long> supplementalGroups = List.of();
        private GroupsPolicy groupsPolicy = GroupsPolicy.Merge;
        private Optional<Long> fsGroup = Optional.empty();
        private FsGroupChangePolicy fsGroupChangePolicy = FsGroupChangePolicy.Always;
        private Optional<Profile> seccomp = Optional.empty();
        private Optional<Profile> appArmor = Optional.empty();
        private Optional<SelinuxLabel> selinux = Optional.empty();
        private Map<String, String> sysctls = Map.of();

        private Builder() {}

        public Builder runAsUser(Optional<Long> value) {
            runAsUser = value;
            return this;
        }

        public Builder runAsGroup(Optional<Long> value) {
            runAsGroup = value;
            return this;
        }

        public Builder runAsNonRoot(Optional<Boolean> value) {
            runAsNonRoot = value;
            return this;
        }

        public Builder supplementalGroups(List<Long> value) {
            supplementalGroups = value;
            return this;
        }

        public Builder groupsPolicy(GroupsPolicy value) {
            groupsPolicy = value;
            return this;
        }

        public Builder fsGroup(Optional<Long> value) {
            fsGroup = value;
            return this;
        }

        public Builder fsGroupChangePolicy(FsGroupChangePolicy value) {
            fsGroupChangePolicy = value;
            return this;
        }

        public Builder seccomp(Optional<Profile> value) {
            seccomp = value;
            return this;
        }

        public Builder appArmor(Optional<Profile> value) {
            appArmor = value;
            return this;
        }

        public Builder selinux(Optional<SelinuxLabel> value) {
            selinux = value;
            return this;
        }

        public Builder sysctls(SequencedMap<String, String> value) {
            sysctls = value;
            return this;
        }

        public PodSecurity build() {
            return new PodSecurity(
                    runAsUser,
                    runAsGroup,
                    runAsNonRoot,
                    supplementalGroups,
                    groupsPolicy,
                    fsGroup,
                    fsGroupChangePolicy,
                    seccomp,
                    appArmor,
                    selinux,
                    sysctls);
        }
    }
}
