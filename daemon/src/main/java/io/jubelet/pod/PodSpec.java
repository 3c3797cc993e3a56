package io.jubelet.pod;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a pod shall run, with the v1 defaults applied.
 *
 * @param initContainers in the order of the manifest, sidecars among them; may be empty
 * @param containers in the order of the manifest, at least one
 * @param restartPolicy never null
 * @param terminationGracePeriod whole seconds, zero or more
 * @param activeDeadline so long the pod may be active, whole seconds
 * @param hostNetwork whether the pod shares the network of the node
 * @param shareProcessNamespace whether its containers see each other's processes
 * @param isolation never null
 * @param security never null
 * @param imagePullSecrets names of Secrets with credentials for registries, in the order of the manifest
 * @param volumes in the order of the manifest
 * @param resources what the pod as a whole requests and may take, if it says so
 * @param overhead what running the pod takes beside its containers, by resource
 * @param priorityClassName empty for none
 * @param network its names, and how it resolves others
 * @param nodes where it may run
 */
public record PodSpec(
        List<ContainerSpec> initContainers,
        List<ContainerSpec> containers,
        RestartPolicy restartPolicy,
        Duration terminationGracePeriod,
        Optional<Duration> activeDeadline,
        boolean hostNetwork,
        boolean shareProcessNamespace,
        Isolation isolation,
        PodSecurity security,
        List<String> imagePullSecrets,
        List<Volume> volumes,
        Optional<Resources> resources,
        Map<String, Quantity> overhead,
        String priorityClassName,
        PodNetwork network,
        NodeSelection nodes) {

    public PodSpec {
        initContainers = List.copyOf(initContainers);
        containers = List.copyOf(containers);
        if (containers.isEmpty()) {
            throw new IllegalArgumentException("containers is empty");
        }
        Objects.requireNonNull(restartPolicy, "restartPolicy");
        Objects.requireNonNull(terminationGracePeriod, "terminationGracePeriod");
        Objects.requireNonNull(activeDeadline, "activeDeadline");
        Objects.requireNonNull(isolation, "isolation");
        Objects.requireNonNull(security, "security");
        imagePullSecrets = List.copyOf(imagePullSecrets);
        volumes = List.copyOf(volumes);
        Objects.requireNonNull(resources, "resources");
        overhead = Map.copyOf(overhead);
        Objects.requireNonNull(priorityClassName, "priorityClassName");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(nodes, "nodes");
    }

    /** The init containers, and then the others. */
    public Stream<ContainerSpec> allContainers() {
        return Stream.concat(initContainers.stream(), containers.stream());
    }

    /** The container of a name, be it an init container or not. */
    public Optional<ContainerSpec> container(String name) {
        return allContainers()
                .filter(container -> container.name().equals(name))
                .findFirst();
    }

    /** Whether any container has a probe. */
    public boolean hasProbes() {
        return allContainers().anyMatch(container -> container.probes().any());
    }

    /** The images that a container mounts as volumes, in the order of the pod's volumes. */
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
     * Whether a container is a sidecar: an init container that runs on beside the others. Source: the Kubernetes page on
     * sidecar containers.
     */
    public boolean isSidecar(ContainerSpec container) {
        return container.restart().policy().equals(Optional.of(RestartPolicy.Always)) && isInit(container);
    }

    /** Whether a container of this pod is one of those that come before the others, or beside them; no two have the same name. */
    public boolean isInit(ContainerSpec container) {
        for (ContainerSpec init : initContainers) {
            if (init.name().equals(container.name())) {
                return true;
            }
        }
        return false;
    }

    /** A pod of these containers and nothing else. */
    public static Builder builder(List<ContainerSpec> containers) {
        return new Builder(containers);
    }

    /** A builder that begins with this spec. */
    public Builder toBuilder() {
        return new Builder(containers)
                .initContainers(initContainers)
                .restartPolicy(restartPolicy)
                .terminationGracePeriod(terminationGracePeriod)
                .activeDeadline(activeDeadline)
                .hostNetwork(hostNetwork)
                .shareProcessNamespace(shareProcessNamespace)
                .isolation(isolation)
                .security(security)
                .imagePullSecrets(imagePullSecrets)
                .volumes(volumes)
                .resources(resources)
                .overhead(overhead)
                .priorityClassName(priorityClassName)
                .network(network)
                .nodes(nodes);
    }

    /** Builder of a spec; what is not set has the v1 default. */
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
                    initContainers,
                    containers,
                    restartPolicy,
                    terminationGracePeriod,
                    activeDeadline,
                    hostNetwork,
                    shareProcessNamespace,
                    isolation,
                    security,
                    imagePullSecrets,
                    volumes,
                    resources,
                    overhead,
                    priorityClassName,
                    network,
                    nodes);
        }
    }
}
