package io.jubelet.criconfig;

import io.jubelet.node.NodeCapacity;
import io.jubelet.observed.Labels;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.podfiles.EnvFile;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.volume.VolumeSetup;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a container is told of itself by its environment: fields of its pod, its resources, lines of a file.
 *
 * <p>Sources: the Kubernetes pages on the downward API and on environment variables from files. Used by one thread.
 */
public final class Environment implements EnvExpansion.Facts {

    private static final String LABEL = "metadata.labels['";
    private static final String ANNOTATION = "metadata.annotations['";

    private final Pod pod;
    private final ContainerSpec container;
    private final List<String> podIps;
    private final NodeProfile node;
    private final PodDirectories directories;
    private final ConfigValues config;

    /**
     * @param podIps addresses of the pod, the primary first; may be empty
     * @param config the ConfigMaps and Secrets of this moment
     */
    public Environment(
            Pod pod,
            ContainerSpec container,
            List<String> podIps,
            NodeProfile node,
            PodDirectories directories,
            LocalConfig config) {
        this.pod = pod;
        this.container = container;
        this.podIps = podIps;
        this.node = node;
        this.directories = directories;
        this.config = new ConfigValues(config, pod.name().namespace());
    }

    /** Whether the addresses of the pod have to be known before the container is made. */
    public static boolean needsAddresses(ContainerSpec container) {
        for (EnvVar variable : container.env()) {
            if (variable.source() instanceof EnvVar.Field field && field.path().startsWith("status.podIP")) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Optional<String> value(EnvVar.Source source) throws IOException {
        return switch (source) {
            case EnvVar.Literal literal -> Optional.of(literal.value());
            case EnvVar.Field field -> Optional.of(field(field.path()));
            case EnvVar.Resource resource -> Optional.of(Long.toString(resource(resource)));
            case EnvVar.ConfigKey key -> config.value(key);
            case EnvVar.FileKey key -> fileKey(key);
        };
    }

    @Override
    public Map<String, String> values(ConfigRef ref) throws IOException {
        return config.values(ref);
    }

    // --- fields

    private String field(String path) throws IOException {
        return switch (path) {
            case "metadata.name" -> pod.fullName();
            case "metadata.namespace" -> pod.name().namespace();
            case "metadata.uid" -> pod.uid();
            case "metadata.labels" -> lines(pod.labels());
            case "metadata.annotations" -> lines(annotations());
            case "spec.nodeName" -> pod.node();
            case "spec.serviceAccountName" -> "";
            case "status.hostIP" -> node.ips().isEmpty() ? "" : node.ips().getFirst();
            case "status.hostIPs" -> String.join(",", node.ips());
            case "status.podIP" -> podIps.isEmpty() ? "" : podIps.getFirst();
            case "status.podIPs" -> String.join(",", podIps);
            default -> entry(path);
        };
    }

    /** Those that the kubelet adds are there, too, but for the time of its start, by which a volume would change. */
    private Map<String, String> annotations() {
        Map<String, String> all = new HashMap<>(pod.annotations());
        all.put(Labels.CONFIG_HASH, pod.uid());
        all.put(Labels.CONFIG_SOURCE, "file");
        return all;
    }

    /** A line for each key, in order: {@code key="value"}, quoted as Go does. */
    private static String lines(Map<String, String> map) {
        StringBuilder out = new StringBuilder();
        new TreeMap<>(map).forEach((key, value) -> {
            out.append(out.isEmpty() ? "" : "\n").append(key).append('=');
            GoQuote.append(out, value);
        });
        return out.toString();
    }

    private String entry(String path) throws IOException {
        boolean label = path.startsWith(LABEL);
        if (!path.endsWith("']") || !(label || path.startsWith(ANNOTATION))) {
            throw new IOException("there is no field " + path + " of a pod that a variable may have");
        }
        String key = path.substring(path.indexOf('\'') + 1, path.length() - 2);
        if (label) {
            return pod.labels().getOrDefault(key, "");
        }
        return switch (key) {
            case Labels.CONFIG_HASH -> pod.uid();
            case Labels.CONFIG_SOURCE -> "file";
            default -> pod.annotations().getOrDefault(key, "");
        };
    }

    // --- resources

    private long resource(EnvVar.Resource wanted) throws IOException {
        ContainerSpec whose = wanted.container().isEmpty()
                ? container
                : pod.spec()
                        .container(wanted.container())
                        .orElseThrow(() -> new IOException("the pod has no container \"" + wanted.container()
                                + "\" whose " + wanted.resource() + " could be told"));
        int dot = wanted.resource().indexOf('.');
        String name = wanted.resource().substring(dot + 1);
        boolean cpu = name.equals("cpu");
        long divisor = cpu ? wanted.divisor().milli() : wanted.divisor().value();
        long amount = switch (wanted.resource().substring(0, Math.max(0, dot))) {
            case "limits" -> amount(whose.resources().limit(name), cpu, ofPodOrNode(name, cpu));
            case "requests" -> amount(whose.resources().request(name), cpu, 0);
            default -> throw new IOException("there is no resource " + wanted.resource() + " that a variable may have");
        };
        return Math.ceilDiv(amount, Math.max(1, divisor));
    }

    /** In thousandths of a processor, or in whole units of anything else; none and zero are the same. */
    private static long amount(Optional<Quantity> quantity, boolean cpu, long otherwise) {
        long amount = quantity.map(q -> cpu ? q.milli() : q.value()).orElse(0L);
        return amount == 0 ? otherwise : amount;
    }

    private long ofPodOrNode(String name, boolean cpu) {
        Optional<Quantity> ofPod = pod.spec()
                .resources()
                .filter(_ -> !name.startsWith(Resources.HUGE_PAGES))
                .flatMap(r -> r.limit(name));
        return amount(ofPod, cpu, ofNode(name));
    }

    /** What somebody without a limit may take; huge pages are never taken without one. */
    private long ofNode(String name) {
        NodeCapacity capacity = node.capacity().get();
        return switch (name) {
            case "cpu" -> capacity.cpuMilli();
            case "memory" -> capacity.memoryBytes();
            case "ephemeral-storage" -> capacity.ephemeralStorageBytes();
            default -> 0;
        };
    }

    // --- files

    private Optional<String> fileKey(EnvVar.FileKey wanted) throws IOException {
        String where = "file \"" + wanted.path() + "\" of volume \"" + wanted.volume() + "\"";
        Optional<String> text = EnvFile.read(
                VolumeSetup.emptyDir(pod, wanted.volume(), directories.home(pod.uid())), wanted.path(), where);
        if (text.isEmpty() && !wanted.optional()) {
            throw new IOException(
                    "environment variable key \"" + wanted.key() + "\" cannot be had: there is no " + where);
        }
        Optional<String> value = text.isEmpty() ? text : EnvFile.value(text.get(), wanted.key(), where);
        if (value.isEmpty() && !wanted.optional()) {
            throw new IOException("environment variable key \"" + wanted.key() + "\" not found in " + where);
        }
        return value;
    }
}
