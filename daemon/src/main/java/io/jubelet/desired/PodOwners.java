package io.jubelet.desired;

import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which file keeps which pod. A pod stays with the file that has it; a file that comes later is in conflict until the
 * first one gives the pod up. Pure.
 *
 * @param owners the file of each pod
 * @param pods each pod in the version of its file
 * @param conflicts by path of the file that did not get a pod: why
 */
record PodOwners(Map<PodName, ManifestEntry> owners, Map<PodName, Pod> pods, Map<String, List<Problem>> conflicts) {

    /**
     * Decides anew.
     *
     * @param entries in the order in which they get pods that nobody has
     * @param before the path of the file that had each pod until now
     */
    static PodOwners decide(Collection<ManifestEntry> entries, Map<PodName, String> before) {
        Map<PodName, ManifestEntry> owners = new HashMap<>();
        for (ManifestEntry entry : entries) {
            for (ManifestFile.Document document : entry.good()) {
                owners.merge(
                        document.pod().name(),
                        entry,
                        (a, b) -> better(a, b, before.get(document.pod().name())));
            }
        }
        Map<PodName, Pod> pods = new HashMap<>();
        Map<String, List<Problem>> conflicts = new HashMap<>();
        for (ManifestEntry entry : entries) {
            for (ManifestFile.Document document : entry.good()) {
                ManifestEntry owner = owners.get(document.pod().name());
                if (owner == entry) {
                    pods.put(document.pod().name(), document.pod());
                } else {
                    conflicts
                            .computeIfAbsent(entry.path().toString(), _ -> new ArrayList<>())
                            .add(conflict(document, owner));
                }
            }
        }
        return new PodOwners(owners, pods, conflicts);
    }

    /** The one that is there, then the one that had the pod, then the first. */
    private static ManifestEntry better(ManifestEntry first, ManifestEntry second, String before) {
        if (first.isGone() != second.isGone()) {
            return first.isGone() ? second : first;
        }
        return second.path().toString().equals(before) ? second : first;
    }

    private static Problem conflict(ManifestFile.Document document, ManifestEntry owner) {
        return new Problem(
                document.line(),
                document.column(),
                "metadata.name",
                "the pod " + document.pod().name() + " is already kept by " + owner.path()
                        + ", which stays in charge; remove one of the two files, or rename the pod in one of them");
    }

    /** The paths of the owners, to be remembered. */
    Map<PodName, String> paths() {
        Map<PodName, String> paths = new HashMap<>();
        owners.forEach((name, entry) -> paths.put(name, entry.path().toString()));
        return paths;
    }
}
