/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import io.jubelet.pod.Bytes;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Secret;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Environment variables from the ConfigMaps and Secrets of a pod's namespace. Messages about missing
 * ones are the kubelet's. Pure.
 */
public final class ConfigValues {

    private final LocalConfig config;
    private final Pod pod;
    private final String namespace;

    /**
     * @param config the ConfigMaps and Secrets to look in
     * @param pod that refers to them
     */
    public ConfigValues(LocalConfig config, Pod pod) {
        this.config = config;
        this.pod = pod;
        this.namespace = pod.name().namespace();
    }

    /**
     * The value of one key; empty if it is optional and missing.
     *
     * @throws IOException if it is missing or not text; the message is for the user
     */
    public Optional<String> value(EnvVar.ConfigKey wanted) throws IOException {
        ConfigRef ref = wanted.ref();
        Optional<Map<String, Bytes>> found = find(ref, wanted.key());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Bytes value = found.get().get(wanted.key());
        if (value != null) {
            return Optional.of(text(ref, wanted.key(), value));
        }
        if (ref.optional()) {
            return Optional.empty();
        }
        throw new IOException(
                "couldn't find key " + wanted.key() + " in " + ref.kind() + " " + namespace + "/" + ref.name());
    }

    /**
     * Every key with its value; empty if the object is optional and missing.
     *
     * @throws IOException if the object is missing or a value is not text; the message is for the
     *     user
     */
    public Map<String, String> values(ConfigRef ref) throws IOException {
        Map<String, String> values = new HashMap<>();
        for (Map.Entry<String, Bytes> each : find(ref, "").orElse(Map.of()).entrySet()) {
            values.put(each.getKey(), text(ref, each.getKey(), each.getValue()));
        }
        return values;
    }

    private Optional<Map<String, Bytes>> find(ConfigRef ref, String key) throws IOException {
        Optional<Map<String, Bytes>> found = switch (ref.kind()) {
            case ConfigMap -> config.configMap(namespace, ref.name()).map(ConfigValues::texts);
            case Secret -> config.secret(namespace, ref.name()).map(Secret::data);
        };
        if (found.isEmpty() && !ref.optional()) {
            throw new IOException(ref.notFound(pod, key));
        }
        return found;
    }

    /** The text values of a ConfigMap. Its {@code binaryData} cannot be variables. */
    private static Map<String, Bytes> texts(ConfigMap map) {
        Map<String, Bytes> texts = new HashMap<>();
        map.data().forEach((key, text) -> texts.put(key, Bytes.of(text)));
        return texts;
    }

    private String text(ConfigRef ref, String key, Bytes value) throws IOException {
        return value.text()
                .filter(text -> text.indexOf('\0') < 0)
                .orElseThrow(() -> new IOException("key " + key + " in " + ref.kind() + " " + namespace + "/"
                        + ref.name() + " is not text, and cannot be a variable; mount it as a file"));
    }
}
