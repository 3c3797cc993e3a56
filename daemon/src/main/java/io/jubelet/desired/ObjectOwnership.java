/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Finding;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.ObjectKey;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Secret;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which file owns which pod, ConfigMap or Secret. An object stays with its file; a file that
 * contains it later is in conflict until the first one gives the object up. Pure.
 *
 * @param owners the file of each object
 * @param pods each pod in the version of its file
 * @param localConfig each ConfigMap and Secret in the version of its file
 * @param conflicts why a file does not own one of its objects, by the path of the file
 */
record ObjectOwnership(
        Map<ObjectKey, ManifestEntry> owners,
        Map<PodName, Pod> pods,
        LocalConfig localConfig,
        Map<String, List<Finding>> conflicts) {

    /**
     * Decides which file owns each object.
     *
     * @param entries in the order in which they get objects without an owner
     * @param before the path of the file that owned each object until now
     */
    static ObjectOwnership decide(Collection<ManifestEntry> entries, Map<ObjectKey, String> before) {
        Map<ObjectKey, ManifestEntry> owners = new HashMap<>();
        for (ManifestEntry entry : entries) {
            for (ManifestFile.Document document : entry.lastGood()) {
                ObjectKey key = document.key();
                owners.merge(key, entry, (a, b) -> preferred(a, b, before.get(key)));
            }
        }
        Map<PodName, Pod> pods = new HashMap<>();
        Map<LocalConfig.Key, ConfigMap> configMaps = new HashMap<>();
        Map<LocalConfig.Key, Secret> secrets = new HashMap<>();
        Map<String, List<Finding>> conflicts = new HashMap<>();
        for (ManifestEntry entry : entries) {
            for (ManifestFile.Document document : entry.lastGood()) {
                ManifestEntry owner = Objects.requireNonNull(owners.get(document.key()), "an owner");
                if (owner != entry) {
                    conflicts
                            .computeIfAbsent(entry.path().toString(), _ -> new ArrayList<>())
                            .add(conflict(
                                    document.key(),
                                    document.line(),
                                    document.column(),
                                    owner.path().toString()));
                    continue;
                }
                switch (document.content()) {
                    case ManifestFile.OfPod(Pod pod) -> pods.put(pod.name(), pod);
                    case ManifestFile.OfConfig(ConfigMap map, String _) ->
                        configMaps.put(new LocalConfig.Key(map.namespace(), map.name()), map);
                    case ManifestFile.OfConfig(Secret secret, String _) ->
                        secrets.put(new LocalConfig.Key(secret.namespace(), secret.name()), secret);
                }
            }
        }
        boolean none = configMaps.isEmpty() && secrets.isEmpty();
        return new ObjectOwnership(
                owners, pods, none ? LocalConfig.NONE : new LocalConfig(configMaps, secrets), conflicts);
    }

    /**
     * Prefers the file that exists, then the file that owned the object, then the file that was changed last, because an
     * older one is probably a backup, then the first file.
     */
    private static ManifestEntry preferred(ManifestEntry first, ManifestEntry second, @Nullable String before) {
        if (first.isGone() != second.isGone()) {
            return first.isGone() ? second : first;
        }
        if (first.path().toString().equals(before)) {
            return first;
        }
        if (second.path().toString().equals(before)) {
            return second;
        }
        Optional<FileTime> older = first.modified();
        Optional<FileTime> younger = second.modified();
        return older.isPresent() && younger.isPresent() && younger.get().compareTo(older.get()) > 0 ? second : first;
    }

    /** The error of an object at a place that another file owns. */
    static Finding conflict(ObjectKey key, int line, int column, String owner) {
        return Finding.of(
                line,
                column,
                "metadata.name",
                key.inWords() + " already belongs to " + owner
                        + ", which keeps it; remove one of the two files, or rename the object in one of them");
    }

    /** The objects that a file owns. */
    List<ObjectKey> of(ManifestEntry entry) {
        List<ObjectKey> keys = new ArrayList<>();
        for (ManifestFile.Document document : entry.lastGood()) {
            if (owners.get(document.key()) == entry) {
                keys.add(document.key());
            }
        }
        return keys;
    }

    /** The paths of the owners, for the next decision. */
    Map<ObjectKey, String> paths() {
        Map<ObjectKey, String> paths = new HashMap<>();
        owners.forEach((key, entry) -> paths.put(key, entry.path().toString()));
        return paths;
    }
}
