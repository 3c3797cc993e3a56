package io.jubelet.pod;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The securityContext of one container. What is empty here and is there in that of the pod comes from the pod.
 *
 * @param runAsUser a user id
 * @param runAsGroup a group id
 * @param runAsNonRoot whether it is held back when it would run as root
 * @param addCapabilities without the prefix CAP_, as written; ALL for all
 * @param dropCapabilities as above
 * @param privileged whether nothing of all this confines it
 * @param noNewPrivileges whether no program may have more rights than the one that called it
 * @param readOnlyRoot whether the file system of the image is read-only
 * @param unmaskedProc whether nothing of {@code /proc} is hidden or made read-only
 * @param seccomp a profile of its own
 * @param appArmor a profile of its own
 * @param selinux a label of its own
 */
public record ContainerSecurity(
        Optional<Long> runAsUser,
        Optional<Long> runAsGroup,
        Optional<Boolean> runAsNonRoot,
        List<String> addCapabilities,
        List<String> dropCapabilities,
        boolean privileged,
        boolean noNewPrivileges,
        boolean readOnlyRoot,
        boolean unmaskedProc,
        Optional<Profile> seccomp,
        Optional<Profile> appArmor,
        Optional<SelinuxLabel> selinux) {

    /** Nothing is asked for. */
    public static final ContainerSecurity NONE = builder().build();

    public ContainerSecurity {
        Objects.requireNonNull(runAsUser, "runAsUser");
        Objects.requireNonNull(runAsGroup, "runAsGroup");
        Objects.requireNonNull(runAsNonRoot, "runAsNonRoot");
        addCapabilities = List.copyOf(addCapabilities);
        dropCapabilities = List.copyOf(dropCapabilities);
        Objects.requireNonNull(seccomp, "seccomp");
        Objects.requireNonNull(appArmor, "appArmor");
        Objects.requireNonNull(selinux, "selinux");
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builder of a container's securityContext; what is not set is not asked for. */
    public static final class Builder {

        private Optional<Long> runAsUser = Optional.empty();
        private Optional<Long> runAsGroup = Optional.empty();
        private Optional<Boolean> runAsNonRoot = Optional.empty();
        private List<String> addCapabilities = List.of();
        private List<String> dropCapabilities = List.of();
        private boolean privileged;
        private boolean noNewPrivileges;
        private boolean readOnlyRoot;
        private boolean unmaskedProc;
        private Optional<Profile> seccomp = Optional.empty();
        private Optional<Profile> appArmor = Optional.empty();
        private Optional<SelinuxLabel> selinux = Optional.empty();

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

        public Builder addCapabilities(List<String> value) {
            addCapabilities = value;
            return this;
        }

        public Builder dropCapabilities(List<String> value) {
            dropCapabilities = value;
            return this;
        }

        public Builder privileged(boolean value) {
            privileged = value;
            return this;
        }

        public Builder noNewPrivileges(boolean value) {
            noNewPrivileges = value;
            return this;
        }

        public Builder readOnlyRoot(boolean value) {
            readOnlyRoot = value;
            return this;
        }

        public Builder unmaskedProc(boolean value) {
            unmaskedProc = value;
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

        public ContainerSecurity build() {
            return new ContainerSecurity(
                    runAsUser,
                    runAsGroup,
                    runAsNonRoot,
                    addCapabilities,
                    dropCapabilities,
                    privileged,
                    noNewPrivileges,
                    readOnlyRoot,
                    unmaskedProc,
                    seccomp,
                    appArmor,
                    selinux);
        }
    }
}
