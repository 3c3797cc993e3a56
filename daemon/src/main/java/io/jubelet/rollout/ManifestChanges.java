/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.rollout;

import io.jubelet.api.ClientException;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.ObjectKey;
import io.jubelet.manifest.PodIdentity;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.Pod;
import io.jubelet.printing.Json;
import io.jubelet.printing.Yaml;
import io.jubelet.update.UpdateEffect;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the daemon would do if a file were in its manifest directory, object by object.
 *
 * @param changes in the order of the file, then the objects that the file has no more
 * @param conflicts objects of the file that another file declares, with that file
 */
public record ManifestChanges(List<Change> changes, Map<ObjectKey, String> conflicts) {

    /**
     * One object.
     *
     * @param key its name
     * @param different whether its content differs
     * @param effect what the daemon does, as a clause
     * @param before its content as YAML with sorted keys; empty if there is none, or it is secret
     * @param after the same of the file
     */
    public record Change(ObjectKey key, boolean different, String effect, String before, String after) {}

    private static final String UPDATED =
            "volumes show it within two seconds, and variables at the next start of a container";

    public ManifestChanges {
        changes = List.copyOf(changes);
        conflicts = Map.copyOf(conflicts);
    }

    /** Whether anything differs. */
    public boolean different() {
        return changes.stream().anyMatch(Change::different);
    }

    /**
     * Compares a file with what the daemon has.
     *
     * @param target the path that the file would have in the manifest directory; empty if it is not known
     */
    public static ManifestChanges of(ManifestFile file, Optional<Path> target, DaemonManifests daemon)
            throws ClientException, IOException {
        Map<String, DaemonManifests.Entry> entries = daemon.entries();
        List<Change> changes = new ArrayList<>();
        Set<ObjectKey> declared = new HashSet<>();
        for (ManifestFile.Document document : file.documents()) {
            declared.add(document.key());
            changes.add(
                    switch (document.content()) {
                        case ManifestFile.OfPod(Pod pod) -> pod(document.key(), pod, daemon.versions(document.key()));
                        case ManifestFile.OfConfig(ConfigMap map, String _) ->
                            configMap(document.key(), map, daemon.configMap(document.key()));
                        case ManifestFile.OfConfig(var _, String _) -> secret(document.key(), entries);
                    });
        }
        DaemonManifests.Entry present =
                target.map(path -> entries.get(path.toString())).orElse(null);
        if (present != null) {
            for (ObjectKey key : present.objects()) {
                if (!declared.contains(key)) {
                    changes.add(removed(key, daemon));
                }
            }
        }
        Map<ObjectKey, String> conflicts = new HashMap<>();
        if (target.isPresent()) {
            entries.forEach((path, entry) -> {
                if (!path.equals(target.get().toString())) {
                    entry.objects().stream().filter(declared::contains).forEach(key -> conflicts.put(key, path));
                }
            });
        }
        return new ManifestChanges(changes, conflicts);
    }

    private static Change pod(ObjectKey key, Pod pod, DaemonManifests.Versions versions) throws IOException {
        UpdateEffect effect = UpdateEffect.of(
                versions.running().map(DaemonManifests.Version::hash),
                versions.desired().map(DaemonManifests.Version::hash),
                Optional.of(pod.hash()));
        // Against what runs; the accepted version is that, unless an older one still runs.
        Optional<DaemonManifests.Version> base =
                effect == UpdateEffect.NONE || versions.running().isEmpty() ? versions.desired() : versions.running();
        return new Change(
                key,
                effect != UpdateEffect.NONE,
                effect.text(),
                base.isEmpty()
                        ? ""
                        : yaml(PodIdentity.canonical(base.get().document().compact())),
                yaml(PodIdentity.canonical(pod.document())));
    }

    private static Change configMap(ObjectKey key, ConfigMap map, Optional<Json> accepted) throws IOException {
        String after = yaml(ManifestEndpoint.text(map));
        String before = accepted.isEmpty() ? "" : Yaml.of(accepted.get());
        boolean different = !after.equals(before);
        return new Change(
                key,
                different,
                accepted.isEmpty() ? "it is added" : different ? UPDATED : UpdateEffect.NONE.text(),
                before,
                after);
    }

    private static Change secret(ObjectKey key, Map<String, DaemonManifests.Entry> entries) {
        boolean known =
                entries.values().stream().anyMatch(entry -> entry.objects().contains(key));
        return new Change(
                key,
                !known,
                known ? "it is not compared, because the daemon serves no Secrets" : "it is added",
                "",
                "");
    }

    private static Change removed(ObjectKey key, DaemonManifests daemon) throws ClientException, IOException {
        if (!key.isPod()) {
            return new Change(key, true, "it is removed; files of running containers stay as they are", "", "");
        }
        DaemonManifests.Versions versions = daemon.versions(key);
        Optional<DaemonManifests.Version> base =
                versions.running().isPresent() ? versions.running() : versions.desired();
        return new Change(
                key,
                true,
                UpdateEffect.STOPPED.text(),
                base.isEmpty()
                        ? ""
                        : yaml(PodIdentity.canonical(base.get().document().compact())),
                "");
    }

    private static String yaml(String json) throws IOException {
        return Yaml.of(Json.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8))));
    }
}
