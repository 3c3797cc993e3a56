/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.pod.Bytes;
import io.jubelet.pod.ConfigObject;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Projection;
import io.jubelet.pod.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Determines the files of a projected volume as the kubelet does. Pure except for the
 * {@link PodFacts} that it is given.
 */
final class ProjectedFiles {

    private ProjectedFiles() {}

    /**
     * The files, by their paths relative to the volume.
     *
     * @throws IOException if something that is not optional is missing, or files conflict; the
     *     message is for the user
     */
    static Map<String, ProjectedFile> of(Pod pod, Volume.Projected volume, LocalConfig config, PodFacts facts)
            throws IOException {
        Map<String, ProjectedFile> files = new TreeMap<>();
        for (Projection source : volume.sources()) {
            switch (source) {
                case Projection.OfConfig of -> add(files, pod, volume, of, config);
                case Projection.OfPod of -> {
                    for (Projection.Fact fact : of.facts()) {
                        Bytes content = Bytes.of(facts.value(pod, fact.source()));
                        put(
                                files,
                                fact.path(),
                                new ProjectedFile(content, fact.mode().orElse(volume.defaultMode())));
                    }
                }
            }
        }
        for (String path : files.keySet()) {
            for (Path above = Path.of(path).getParent(); above != null; above = above.getParent()) {
                if (files.containsKey(above.toString())) {
                    throw new IOException("the files " + above + " and " + path
                            + " cannot both be in one volume: one of them would have to be a directory");
                }
            }
        }
        return files;
    }

    private static void add(
            Map<String, ProjectedFile> files,
            Pod pod,
            Volume.Projected volume,
            Projection.OfConfig source,
            LocalConfig config)
            throws IOException {
        ConfigRef ref = source.ref();
        String namespace = pod.name().namespace();
        Optional<? extends ConfigObject> object = switch (ref.kind()) {
            case ConfigMap -> config.configMap(namespace, ref.name());
            case Secret -> config.secret(namespace, ref.name());
        };
        if (object.isEmpty() && !ref.optional()) {
            throw new IOException(ref.notFound(
                    pod,
                    source.items().isEmpty() ? "" : source.items().getFirst().key()));
        }
        Map<String, Bytes> keys =
                object.<Map<String, Bytes>>map(ConfigObject::files).orElse(Map.of());
        if (source.items().isEmpty()) {
            keys.forEach((key, content) -> files.put(key, new ProjectedFile(content, volume.defaultMode())));
        }
        for (Projection.Item item : source.items()) {
            Bytes content = keys.get(item.key());
            if (content != null) {
                put(files, item.path(), new ProjectedFile(content, item.mode().orElse(volume.defaultMode())));
            } else if (!ref.optional()) {
                throw new IOException(
                        switch (ref.kind()) {
                            case ConfigMap -> "configmap references non-existent config key: " + item.key();
                            case Secret -> "references non-existent secret key: " + item.key();
                        });
            }
        }
    }

    /**
     * Checks the path again, as the manifest parser did, because a file outside of the volume would
     * be written as root.
     */
    private static void put(Map<String, ProjectedFile> files, String path, ProjectedFile file) throws IOException {
        Path clean = Path.of(path).normalize();
        boolean inside = !clean.isAbsolute()
                && !clean.toString().isEmpty()
                && !clean.startsWith("..")
                && !clean.toString().startsWith("..");
        if (!inside) {
            throw new IOException("the path " + path + " leads out of the volume");
        }
        files.put(clean.toString(), file);
    }
}
