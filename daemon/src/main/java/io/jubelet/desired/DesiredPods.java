package io.jubelet.desired;

import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that is wanted at one moment.
 *
 * @param pods by name; includes the last good version of pods whose manifest is refused at the moment
 * @param manifests every entry of the manifest directory, sorted by path, with what became of it
 */
public record DesiredPods(Map<PodName, Pod> pods, List<Manifest> manifests) {

    /** Nothing wanted, no manifest. */
    public static final DesiredPods NONE = new DesiredPods(Map.of(), List.of());

    public DesiredPods {
        pods = Map.copyOf(pods);
        manifests = List.copyOf(manifests);
    }

    /** The wanted version of a pod. */
    public Optional<Pod> pod(PodName name) {
        return Optional.ofNullable(pods.get(name));
    }
}
