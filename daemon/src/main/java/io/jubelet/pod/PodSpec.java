/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The spec of a pod, with the v1 defaults applied. The parts are grouped as in the Kubernetes API
 * reference; the fields that most callers read have accessors of their own.
 *
 * @param podContainers never null
 * @param termination never null
 * @param volumes in the order of the manifest
 * @param scheduling never null
 * @param hostNetwork whether the pod shares the network of the node
 * @param network its names, and how it resolves others
 * @param isolation never null
 * @param security never null
 */
public record PodSpec(
        PodContainers podContainers,
        PodTermination termination,
        List<Volume> volumes,
        PodScheduling scheduling,
        boolean hostNetwork,
        PodNetwork network,
        Isolation isolation,
        PodSecurity security) {

    public PodSpec {
        Objects.requireNonNull(podContainers, "podContainers");
        Objects.requireNonNull(termination, "termination");
        volumes = List.copyOf(volumes);
        Objects.requireNonNull(scheduling, "scheduling");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(isolation, "isolation");
        Objects.requireNonNull(security, "security");
    }

    /** The init containers in the order of the manifest, sidecars among them; may be empty. */
    public List<ContainerSpec> initContainers() {
        return podContainers.init();
    }

    /** The containers that are not init containers, in the order of the manifest; at least one. */
    public List<ContainerSpec> containers() {
        return podContainers.main();
    }

    /** The policy of containers that have none of their own. */
    public RestartPolicy restartPolicy() {
        return podContainers.restartPolicy();
    }

    /** How long containers have to stop: whole seconds, zero or more. */
    public Duration terminationGracePeriod() {
        return termination.gracePeriod();
    }

    /** How long the pod may be active: whole seconds; empty for no limit. */
    public Optional<Duration> activeDeadline() {
        return termination.activeDeadline();
    }

    /** Requests and limits of the pod as a whole; empty when only its containers have any. */
    public Optional<Resources> resources() {
        return scheduling.resources();
    }

    /** What running the pod takes beside its containers, by resource. */
    public Map<String, Quantity> overhead() {
        return scheduling.overhead();
    }

    /** The init containers followed by the other containers. */
    public Stream<ContainerSpec> allContainers() {
        return Stream.concat(initContainers().stream(), containers().stream());
    }

    /** The container or init container with a name. */
    public Optional<ContainerSpec> container(String name) {
        return allContainers()
                .filter(container -> container.name().equals(name))
                .findFirst();
    }

    /** Whether a container has a probe. */
    public boolean hasProbes() {
        return allContainers().anyMatch(container -> container.probes().any());
    }

    /** The image volumes that a container mounts, in the order of the volumes of the pod. */
    public List<Volume.Image> imageVolumes(ContainerSpec container) {
        List<Volume.Image> mounted = new ArrayList<>();
        for (Volume volume : volumes) {
            if (volume instanceof Volume.Image image
                    && container.volumeMounts().stream()
                            .anyMatch(mount -> mount.name().equals(image.name()))) {
                mounted.add(image);
            }
        }
        return mounted;
    }

    /**
     * Whether a container is a sidecar: an init container that keeps running beside the other
     * containers. Source: the Kubernetes page on sidecar containers.
     */
    public boolean isSidecar(ContainerSpec container) {
        return container.restart().policy().equals(Optional.of(RestartPolicy.Always)) && isInit(container);
    }

    /**
     * Whether a container of this pod is one of those that come before the others, or beside them;
     * no two have the same name.
     */
    public boolean isInit(ContainerSpec container) {
        for (ContainerSpec init : initContainers()) {
            if (init.name().equals(container.name())) {
                return true;
            }
        }
        return false;
    }

    /** A builder of a pod with these containers and the v1 defaults. */
    public static Builder builder(List<ContainerSpec> containers) {
        return new Builder(containers);
    }

    /** A builder that starts with the values of this spec. */
    public Builder toBuilder() {
        return new Builder(containers())
                .initContainers(initContainers())
                .restartPolicy(restartPolicy())
                .shareProcessNamespace(podContainers.shareProcessNamespace())
                .imagePullSecrets(podContainers.imagePullSecrets())
                .terminationGracePeriod(terminationGracePeriod())
                .activeDeadline(activeDeadline())
                .volumes(volumes)
                .nodes(scheduling.nodes())
                .priorityClassName(scheduling.priorityClassName())
                .resources(resources())
                .overhead(overhead())
                .hostNetwork(hostNetwork)
                .network(network)
                .isolation(isolation)
                .security(security);
    }

    /** Builder of a spec; a field that is not set has the v1 default. */
    public static final class Builder {

        private final List<ContainerSpec> containers;
        private List<ContainerSpec> initContainers = List.of();
        private RestartPolicy restartPolicy = RestartPolicy.Always;
        private Duration terminationGracePeriod = Duration.ofSeconds(30);
        private Optional<Duration> activeDeadline = Optional.empty();
        private boolean hostNetwork;
        private boolean shareProcessNamespace;
        private Isolation isolation = Isolation.DEFAULT;
        private PodSecurity security = PodSecurity.NONE;
        private List<String> imagePullSecrets = List.of();
        private List<Volume> volumes = List.of();
        private Optional<Resources> resources = Optional.empty();
        private Map<String, Quantity> overhead = Map.of();
        private String priorityClassName = "";
        private PodNetwork network = PodNetwork.DEFAULT;
        private NodeSelection nodes = NodeSelection.ANY;

        private Builder(List<ContainerSpec> containers) {
            this.containers = containers;
        }

        public Builder initContainers(List<ContainerSpec> value) {
            initContainers = value;
            return this;
        }

        public Builder restartPolicy(RestartPolicy value) {
            restartPolicy = value;
            return this;
        }

        public Builder terminationGracePeriod(Duration value) {
            terminationGracePeriod = value;
            return this;
        }

        public Builder activeDeadline(Optional<Duration> value) {
            activeDeadline = value;
            return this;
        }

        public Builder hostNetwork(boolean value) {
            hostNetwork = value;
            return this;
        }

        public Builder shareProcessNamespace(boolean value) {
            shareProcessNamespace = value;
            return this;
        }

        public Builder isolation(Isolation value) {
            isolation = value;
            return this;
        }

        public Builder security(PodSecurity value) {
            security = value;
            return this;
        }

        public Builder resources(Optional<Resources> value) {
            resources = value;
            return this;
        }

        public Builder overhead(Map<String, Quantity> value) {
            overhead = value;
            return this;
        }

        public Builder priorityClassName(String value) {
            priorityClassName = value;
            return this;
        }

        public Builder imagePullSecrets(List<String> value) {
            imagePullSecrets = value;
            return this;
        }

        public Builder volumes(List<Volume> value) {
            volumes = value;
            return this;
        }

        public Builder network(PodNetwork value) {
            network = value;
            return this;
        }

        public Builder nodes(NodeSelection value) {
            nodes = value;
            return this;
        }

        public PodSpec build() {
            return new PodSpec(
                    new PodContainers(
                            initContainers, containers, restartPolicy, shareProcessNamespace, imagePullSecrets),
                    new PodTermination(terminationGracePeriod, activeDeadline),
                    volumes,
                    new PodScheduling(nodes, priorityClassName, resources, overhead),
                    hostNetwork,
                    network,
                    isolation,
                    security);
        }
    }
}
