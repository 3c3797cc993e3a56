package io.jubelet.pod;

import java.util.List;
import java.util.Objects;

/**
 * One container of a pod, with the v1 defaults applied.
 *
 * @param name a DNS label, unique in the pod
 * @param image the reference as written
 * @param imagePullPolicy never null; defaulted from the tag
 * @param command replaces the entry point of the image; empty keeps it
 * @param args replaces the arguments of the image; empty keeps them
 * @param envFrom in the order of the manifest; {@code env} wins over all of it
 * @param env in the order of the manifest, unexpanded
 * @param workingDir empty keeps that of the image
 * @param ports in the order of the manifest
 * @param resources never null
 * @param volumeMounts in the order of the manifest
 * @param restart when it is started again, where that differs from the pod
 * @param probes how it is asked for its health
 * @param hooks its hooks
 * @param terminationMessage where its last words come from
 * @param terminal what of a terminal it has
 * @param security what it may do, and as whom it does it
 */
public record ContainerSpec(
        String name,
        String image,
        ImagePullPolicy imagePullPolicy,
        List<String> command,
        List<String> args,
        List<EnvFrom> envFrom,
        List<EnvVar> env,
        String workingDir,
        List<ContainerPort> ports,
        Resources resources,
        List<VolumeMount> volumeMounts,
        ContainerRestart restart,
        Probes probes,
        LifecycleHooks hooks,
        TerminationMessage terminationMessage,
        Terminal terminal,
        ContainerSecurity security) {

    public ContainerSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(imagePullPolicy, "imagePullPolicy");
        command = List.copyOf(command);
        args = List.copyOf(args);
        envFrom = List.copyOf(envFrom);
        env = List.copyOf(env);
        Objects.requireNonNull(workingDir, "workingDir");
        ports = List.copyOf(ports);
        Objects.requireNonNull(resources, "resources");
        volumeMounts = List.copyOf(volumeMounts);
        Objects.requireNonNull(restart, "restart");
        Objects.requireNonNull(probes, "probes");
        Objects.requireNonNull(hooks, "hooks");
        Objects.requireNonNull(terminationMessage, "terminationMessage");
        Objects.requireNonNull(terminal, "terminal");
        Objects.requireNonNull(security, "security");
    }

    /** A container with nothing but a name and an image, whose pull policy is IfNotPresent. */
    public static Builder builder(String name, String image) {
        return new Builder(name, image);
    }

    /** Builder of a container; what is not set has the v1 default. */
    public static final class Builder {

        private final String name;
        private final String image;
        private ImagePullPolicy imagePullPolicy = ImagePullPolicy.IfNotPresent;
        private List<String> command = List.of();
        private List<String> args = List.of();
        private List<EnvFrom> envFrom = List.of();
        private List<EnvVar> env = List.of();
        private String workingDir = "";
        private List<ContainerPort> ports = List.of();
        private Resources resources = Resources.NONE;
        private List<VolumeMount> volumeMounts = List.of();
        private ContainerRestart restart = ContainerRestart.AS_POD;
        private Probes probes = Probes.NONE;
        private LifecycleHooks hooks = LifecycleHooks.NONE;
        private TerminationMessage terminationMessage = TerminationMessage.DEFAULT;
        private Terminal terminal = Terminal.NONE;
        private ContainerSecurity security = ContainerSecurity.NONE;

        private Builder(String name, String image) {
            this.name = name;
            this.image = image;
        }

        public Builder imagePullPolicy(ImagePullPolicy value) {
            imagePullPolicy = value;
            return this;
        }

        public Builder command(List<String> value) {
            command = value;
            return this;
        }

        public Builder args(List<String> value) {
            args = value;
            return this;
        }

        public Builder envFrom(List<EnvFrom> value) {
            envFrom = value;
            return this;
        }

        public Builder env(List<EnvVar> value) {
            env = value;
            return this;
        }

        public Builder workingDir(String value) {
            workingDir = value;
            return this;
        }

        public Builder ports(List<ContainerPort> value) {
            ports = value;
            return this;
        }

        public Builder resources(Resources value) {
            resources = value;
            return this;
        }

        public Builder volumeMounts(List<VolumeMount> value) {
            volumeMounts = value;
            return this;
        }

        public Builder restart(ContainerRestart value) {
            restart = value;
            return this;
        }

        public Builder probes(Probes value) {
            probes = value;
            return this;
        }

        public Builder hooks(LifecycleHooks value) {
            hooks = value;
            return this;
        }

        public Builder terminationMessage(TerminationMessage value) {
            terminationMessage = value;
            return this;
        }

        public Builder terminal(Terminal value) {
            terminal = value;
            return this;
        }

        public Builder security(ContainerSecurity value) {
            security = value;
            return this;
        }

        public ContainerSpec build() {
            return new ContainerSpec(
                    name,
                    image,
                    imagePullPolicy,
                    command,
                    args,
                    envFrom,
                    env,
                    workingDir,
                    ports,
                    resources,
                    volumeMounts,
                    restart,
                    probes,
                    hooks,
                    terminationMessage,
                    terminal,
                    security);
        }
    }
}
