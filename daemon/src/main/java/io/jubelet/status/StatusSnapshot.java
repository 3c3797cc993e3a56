package io.jubelet.status;

import io.jubelet.desired.DesiredPods;
import io.jubelet.desired.Manifest;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything there is to report at one moment.
 *
 * @param version of the board; grows with every change
 * @param pods sorted by namespace and name
 * @param manifests as read last, sorted by path
 */
public record StatusSnapshot(long version, List<PodReport> pods, List<Manifest> manifests) {

    public StatusSnapshot {
        pods = List.copyOf(pods);
        manifests = List.copyOf(manifests);
    }

    static StatusSnapshot of(long version, List<PodReport> pods, DesiredPods desired) {
        return new StatusSnapshot(version, pods, desired.manifests());
    }

    /** The report on one pod, whose name is given as written or with the node's name at its end. */
    public Optional<PodReport> pod(String namespace, String name) {
        Objects.requireNonNull(name, "name");
        return pods.stream()
                .filter(report -> report.name().namespace().equals(namespace))
                .filter(report -> report.name().name().equals(name)
                        || report.view()
                                .shown()
                                .map(pod -> pod.fullName().equals(name))
                                .orElse(false))
                .findFirst();
    }

    /** The file that keeps a pod running, or that names it and is in conflict. */
    public Optional<Manifest> manifestOf(PodName name) {
        return manifests.stream()
                .filter(manifest -> manifest.pods().contains(name))
                .min((a, b) ->
                        Boolean.compare(a.state() == Manifest.State.CONFLICT, b.state() == Manifest.State.CONFLICT));
    }
}
