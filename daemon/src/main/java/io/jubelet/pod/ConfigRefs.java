/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the ConfigMaps and Secrets to which pods refer, except pull secrets. Pure. */
public final class ConfigRefs {

    private ConfigRefs() {}

    /** Whether a pod refers to a ConfigMap or Secret. */
    public static boolean any(PodSpec spec) {
        return spec.allContainers().anyMatch(ConfigRefs::any)
                || spec.volumes().stream().anyMatch(ConfigRefs::any);
    }

    private static boolean any(ContainerSpec container) {
        return !container.envFrom().isEmpty()
                || container.env().stream().anyMatch(variable -> variable.source() instanceof EnvVar.ConfigKey);
    }

    /** Whether a volume has files of a ConfigMap or Secret. */
    public static boolean any(Volume volume) {
        return volume instanceof Volume.Projected projected
                && projected.sources().stream().anyMatch(Projection.OfConfig.class::isInstance);
    }

    /**
     * Of all that is there, what these pods refer to. Two equal answers mean that nothing changed
     * for them.
     */
    public static LocalConfig used(LocalConfig all, List<Pod> pods) {
        Map<LocalConfig.Key, ConfigMap> configMaps = new HashMap<>();
        Map<LocalConfig.Key, Secret> secrets = new HashMap<>();
        for (Pod pod : pods) {
            String namespace = pod.name().namespace();
            for (ConfigRef ref : of(pod.spec())) {
                LocalConfig.Key key = new LocalConfig.Key(namespace, ref.name());
                switch (ref.kind()) {
                    case ConfigMap ->
                        all.configMap(namespace, ref.name()).ifPresent(found -> configMaps.put(key, found));
                    case Secret -> all.secret(namespace, ref.name()).ifPresent(found -> secrets.put(key, found));
                }
            }
        }
        return new LocalConfig(configMaps, secrets);
    }

    private static Set<ConfigRef> of(PodSpec spec) {
        Set<ConfigRef> refs = new HashSet<>();
        spec.allContainers().forEach(container -> {
            container.envFrom().forEach(from -> refs.add(from.ref()));
            for (EnvVar variable : container.env()) {
                if (variable.source() instanceof EnvVar.ConfigKey key) {
                    refs.add(key.ref());
                }
            }
        });
        for (Volume volume : spec.volumes()) {
            if (volume instanceof Volume.Projected projected) {
                for (Projection source : projected.sources()) {
                    if (source instanceof Projection.OfConfig config) {
                        refs.add(config.ref());
                    }
                }
            }
        }
        return refs;
    }
}
