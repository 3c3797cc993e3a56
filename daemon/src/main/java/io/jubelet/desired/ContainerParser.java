package io.jubelet.desired;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.document.Spelling;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.Terminal;
import io.jubelet.pod.TerminationMessage;
import io.jubelet.pod.VolumeMount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Containers of one pod: from the document to records, with validation and the v1 defaults. For one thread. */
final class ContainerParser {

    private static final List<String> RESOURCES = List.of("cpu", "memory", "ephemeral-storage");

    private final boolean hostNetwork;
    private final Set<String> volumes;
    private final Set<String> names = new HashSet<>();
    private final Map<String, String> hostPorts = new HashMap<>();

    ContainerParser(boolean hostNetwork, Set<String> volumes) {
        this.hostNetwork = hostNetwork;
        this.volumes = volumes;
    }

    ContainerSpec parse(FieldReader container) {
        String name = container.requiredText("name", "app");
        if (name != null) {
            note(container, "name", Names.checkLabel(name));
            if (!names.add(name)) {
                container.error("name", "another container of this pod is already named \"" + name + "\"");
            }
        }
        String image = container.requiredText("image", "registry.example/app:1.0");
        if (image != null && (!image.strip().equals(image) || image.indexOf(' ') >= 0)) {
            container.error("image", "must not contain spaces");
        }
        ImagePullPolicy pullPolicy = container.choice(
                "imagePullPolicy", ImagePullPolicy.values(), image == null ? null : defaultPullPolicy(image));
        List<String> command = container.texts("command");
        List<String> args = container.texts("args");
        List<EnvVar> env = EnvParser.parse(container);
        String workingDir = container.text("workingDir", "");
        List<ContainerPort> ports = ports(container, name);
        Resources resources = resources(container);
        List<VolumeMount> mounts = mounts(container);
        if (name == null || image == null || pullPolicy == null) {
            return null;
        }
        return ContainerSpec.builder(name, image)
                .imagePullPolicy(pullPolicy)
                .command(command)
                .args(args)
                .env(env)
                .workingDir(workingDir)
                .ports(ports)
                .resources(resources)
                .volumeMounts(mounts)
                .restart(RestartParser.parse(container))
                .probes(HealthParser.probes(container))
                .lifecycle(HealthParser.lifecycle(container))
                .terminationMessage(new TerminationMessage(
                        container.text("terminationMessagePath", TerminationMessage.DEFAULT.path()),
                        container.choice(
                                "terminationMessagePolicy",
                                TerminationMessage.Policy.values(),
                                TerminationMessage.DEFAULT.policy())))
                .terminal(new Terminal(
                        container.flag("stdin", false),
                        container.flag("stdinOnce", false),
                        container.flag("tty", false)))
                .build();
    }

    /** Always for the tag latest, written or implied; a digest needs no second look. */
    static ImagePullPolicy defaultPullPolicy(String image) {
        if (image.indexOf('@') >= 0) {
            return ImagePullPolicy.IfNotPresent;
        }
        String last = image.substring(image.lastIndexOf('/') + 1);
        int colon = last.indexOf(':');
        return colon < 0 || last.substring(colon + 1).equals("latest")
                ? ImagePullPolicy.Always
                : ImagePullPolicy.IfNotPresent;
    }

    private List<ContainerPort> ports(FieldReader container, String containerName) {
        List<ContainerPort> ports = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (FieldReader port : container.mappings("ports", PodFields.PORT)) {
            String name = port.text("name", "");
            if (!name.isEmpty()) {
                note(port, "name", Names.checkPortName(name));
                if (!seen.add(name)) {
                    port.error("name", "another port of this container is already named \"" + name + "\"");
                }
            }
            if (!port.has("containerPort")) {
                port.error("containerPort", "is required; write for example \"containerPort: 8080\"");
            }
            int containerPort = (int) port.integer("containerPort", 0, 1, 65_535);
            ContainerPort.Protocol protocol =
                    port.choice("protocol", ContainerPort.Protocol.values(), ContainerPort.Protocol.TCP);
            int hostPort = hostPort(port, containerPort);
            if (hostPort > 0) {
                claim(port, hostPort + "/" + protocol, containerName == null ? "" : containerName);
            }
            ports.add(new ContainerPort(name, containerPort, hostPort, "", protocol));
        }
        return ports;
    }

    private int hostPort(FieldReader port, int containerPort) {
        int hostPort = (int) port.integer("hostPort", 0, 0, 65_535);
        if (!hostNetwork) {
            if (hostPort > 0) {
                port.error(
                        "hostPort",
                        "is not supported yet; leave it out, or let the pod use the node's network with hostNetwork: true");
            }
            return 0;
        }
        if (hostPort > 0 && hostPort != containerPort) {
            port.error("hostPort", "must be the containerPort " + containerPort + ", as this pod uses hostNetwork");
        }
        return containerPort;
    }

    private void claim(FieldReader port, String hostPort, String container) {
        String other = hostPorts.putIfAbsent(hostPort, container);
        if (other != null) {
            port.error(
                    "containerPort",
                    "port " + hostPort + " of the node is already taken by container \"" + other + "\"");
        }
    }

    private static Resources resources(FieldReader container) {
        FieldReader resources = container.mapping("resources", PodFields.RESOURCES);
        if (resources == null) {
            return Resources.NONE;
        }
        Map<String, Quantity> limits = quantities(resources, "limits");
        Map<String, Quantity> requests = quantities(resources, "requests");
        for (Map.Entry<String, Quantity> limit : limits.entrySet()) {
            Quantity request = requests.putIfAbsent(limit.getKey(), limit.getValue());
            if (request != null && request.compareTo(limit.getValue()) > 0) {
                resources.error(
                        "requests",
                        "the request of " + request + " " + limit.getKey() + " must not be more than the limit of "
                                + limit.getValue());
            }
        }
        return requests.isEmpty() ? Resources.NONE : new Resources(requests, limits);
    }

    private static Map<String, Quantity> quantities(FieldReader resources, String name) {
        Map<String, Quantity> quantities = new HashMap<>();
        for (Node.Entry entry : resources.entries(name)) {
            String path = resources.path(name) + "." + entry.key();
            if (!RESOURCES.contains(entry.key())) {
                String close = Spelling.closest(entry.key(), RESOURCES);
                boolean known =
                        entry.key().startsWith("hugepages-") || entry.key().indexOf('/') > 0;
                String message = known
                        ? "is not supported yet; leave it out"
                        : "there is no resource \"" + entry.key() + "\""
                                + (close == null ? "; cpu and memory are" : "; did you mean \"" + close + "\"?");
                resources.findings().error(entry.line(), entry.column(), path, message);
                continue;
            }
            Quantity quantity = quantity(entry.value(), path, resources);
            if (quantity != null) {
                quantities.put(entry.key(), quantity);
                if (entry.key().equals("ephemeral-storage")) {
                    resources.findings().warn(entry.line(), entry.column(), path, "is not enforced yet");
                }
            }
        }
        return quantities;
    }

    /** A quantity of zero or more, written as a text or a number; null when it is none, which is noted. */
    static Quantity quantity(Node node, String path, FieldReader where) {
        if (!(node instanceof Node.Scalar scalar)
                || scalar.type() == Node.Type.BOOLEAN
                || scalar.type() == Node.Type.NULL) {
            where.findings()
                    .error(node, path, "must be a quantity such as 250m or 64Mi, and this is " + node.describe());
            return null;
        }
        try {
            Quantity quantity = Quantity.parse(scalar.value());
            if (quantity.number().signum() < 0) {
                where.findings().error(node, path, "must not be negative, and this is " + scalar.text());
                return null;
            }
            return quantity;
        } catch (IllegalArgumentException e) {
            where.findings().error(node, path, e.getMessage());
            return null;
        }
    }

    private List<VolumeMount> mounts(FieldReader container) {
        List<VolumeMount> mounts = new ArrayList<>();
        Set<String> paths = new HashSet<>();
        for (FieldReader mount : container.mappings("volumeMounts", PodFields.MOUNT)) {
            String name = mount.requiredText("name", "data");
            String path = mount.requiredText("mountPath", "/data");
            boolean readOnly = mount.flag("readOnly", false);
            if (name != null && !volumes.contains(name)) {
                String close = Spelling.closest(name, volumes);
                mount.error(
                        "name",
                        "spec.volumes has no volume \"" + name + "\""
                                + (close == null ? "; add it there" : "; did you mean \"" + close + "\"?"));
            }
            if (path != null && path.indexOf(':') >= 0) {
                mount.error("mountPath", "must not contain ':'");
            }
            if (path != null && !paths.add(path)) {
                mount.error("mountPath", "another volume is already mounted at " + path);
            }
            if (name != null && path != null) {
                mounts.add(new VolumeMount(name, path.startsWith("/") ? path : "/" + path, readOnly));
            }
        }
        return mounts;
    }

    private static void note(FieldReader reader, String field, String wrong) {
        if (wrong != null) {
            reader.error(field, wrong);
        }
    }
}
