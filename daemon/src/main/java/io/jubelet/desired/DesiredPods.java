package io.jubelet.desired;

import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that is wanted at one moment.
 *
 * @param pods by name; includes the last good version of pods whose manifest is refused at the moment
 * @param manifests every entry of the manifest directory, sorted by path, with what became of it
 * @param localConfig the ConfigMaps and Secrets among them, for pods to refer to
 */
public record DesiredPods(Map<PodName, Pod> pods, List<Manifest> manifests, LocalConfig localConfig) {

    /** Nothing wanted, no manifest. */
    public static final DesiredPods NONE = new DesiredPods(Map.of(), List.of(), LocalConfig.NONE);

    public DesiredPods {
        pods = Map.copyOf(pods);
        manifests = List.copyOf(manifests);
        Objects.requireNonNull(localConfig, "localConfig");
    }

    /** Without any ConfigMap or Secret. */
    public DesiredPods(Map<PodName, Pod> pods, List<Manifest> manifests) {
        this(pods, manifests, LocalConfig.NONE);
    }

    /** The wanted version of a pod. */
    public Optional<Pod> pod(PodName name) {
        return Optional.ofNullable(pods.get(name));
    }
}
