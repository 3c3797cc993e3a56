/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;
import java.util.Objects;

/**
 * One container of a pod, with the v1 defaults applied. The parts are grouped as in the Kubernetes
 * API reference; the fields that most callers read have accessors of their own.
 *
 * @param name a DNS label, unique in the pod
 * @param containerImage never null
 * @param process never null
 * @param ports in the order of the manifest
 * @param resources never null
 * @param volumeMounts in the order of the manifest
 * @param lifecycle never null
 * @param security what the container is allowed to do, and as which user
 */
public record ContainerSpec(
        String name,
        ContainerImage containerImage,
        ContainerProcess process,
        List<ContainerPort> ports,
        Resources resources,
        List<VolumeMount> volumeMounts,
        ContainerLifecycle lifecycle,
        ContainerSecurity security) {

    public ContainerSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(containerImage, "containerImage");
        Objects.requireNonNull(process, "process");
        ports = List.copyOf(ports);
        Objects.requireNonNull(resources, "resources");
        volumeMounts = List.copyOf(volumeMounts);
        Objects.requireNonNull(lifecycle, "lifecycle");
        Objects.requireNonNull(security, "security");
    }

    /** The reference of the image as the manifest writes it. */
    public String image() {
        return containerImage.reference();
    }

    /**
     * Variables from whole ConfigMaps and Secrets, in the order of the manifest; {@link #env} wins
     * over all of them.
     */
    public List<EnvFrom> envFrom() {
        return process.envFrom();
    }

    /** The variables in the order of the manifest, unexpanded. */
    public List<EnvVar> env() {
        return process.env();
    }

    /** When the container is started again, where that differs from the pod. */
    public ContainerRestart restart() {
        return lifecycle.restart();
    }

    /** How the health of the container is checked. */
    public Probes probes() {
        return lifecycle.probes();
    }

    /** What is run after the start of the container and before its stop. */
    public LifecycleHooks hooks() {
        return lifecycle.hooks();
    }

    /** A builder of a container with a name and an image, whose pull policy is IfNotPresent. */
    public static Builder builder(String name, String image) {
        return new Builder(name, image);
    }

    /** Builder of a container; a field that is not set has the v1 default. */
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
                    new ContainerImage(image, imagePullPolicy),
                    new ContainerProcess(command, args, workingDir, envFrom, env, terminal),
                    ports,
                    resources,
                    volumeMounts,
                    new ContainerLifecycle(restart, probes, hooks, terminationMessage),
                    security);
        }
    }
}
