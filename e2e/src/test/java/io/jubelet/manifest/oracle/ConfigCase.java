/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest.oracle;

import io.jubelet.pod.Bytes;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One ConfigMap or Secret to validate: a minimal one with some fields set. Written as {@code KIND {FIELD: VALUE}},
 * in one line; {@code {{x*70}}} is seventy times x.
 */
record ConfigCase(String line, String json) {

    /** All of the file. */
    static List<ConfigCase> corpus() throws IOException {
        List<ConfigCase> cases = new ArrayList<>();
        for (String line : Files.readAllLines(PodCase.CORPUS.resolve("objects.config"))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                cases.add(parse(line));
            }
        }
        return cases;
    }

    @SuppressWarnings("unchecked") // a mapping
    private static ConfigCase parse(String line) {
        int blank = line.indexOf(' ');
        Object tree = Tree.read("{apiVersion: v1, kind: " + line.substring(0, blank) + ", metadata: {name: web}}");
        Object settings = Tree.read(PodCase.repeated(line.substring(blank + 1)));
        ((Map<String, Object>) tree).putAll((Map<String, Object>) settings);
        return new ConfigCase(line, Tree.json(tree));
    }

    /** What such objects are called in paths of the API. */
    String plural() {
        return line.startsWith("Secret ") ? "secrets" : "configmaps";
    }

    /** What the two make of an object that both accept, if that is not the same. */
    Optional<String> difference(Object ours, Object theirs) {
        Map<String, String> data = encoded(theirs, "data");
        Map<String, String> mine = new TreeMap<>();
        boolean immutable;
        boolean same = true;
        if (ours instanceof Secret secret) {
            secret.data().forEach((key, value) -> mine.put(key, encoded(value)));
            immutable = secret.immutable();
            same = secret.type().equals(Tree.text(theirs, "type"));
        } else {
            ConfigMap map = (ConfigMap) ours;
            data.replaceAll((_, text) -> encoded(Bytes.of(text)));
            data.putAll(encoded(theirs, "binaryData"));
            map.data().forEach((key, text) -> mine.put(key, encoded(Bytes.of(text))));
            map.binaryData().forEach((key, value) -> mine.put(key, encoded(value)));
            immutable = map.immutable();
        }
        same &= immutable == Objects.equals(Tree.text(theirs, "immutable"), "true") && mine.equals(data);
        return same ? Optional.empty() : Optional.of(this + "\n    we read " + mine + ", the API server " + data);
    }

    private static Map<String, String> encoded(Object theirs, String field) {
        Map<String, String> values = new TreeMap<>();
        if (Tree.get(theirs, field) instanceof Map<?, ?> entries) {
            entries.keySet().forEach(key -> values.put(String.valueOf(key), scalar(entries.get(key))));
        }
        return values;
    }

    private static String scalar(Object value) {
        return Tree.text(Map.of("value", value), "value");
    }

    private static String encoded(Bytes bytes) {
        return Base64.getEncoder().encodeToString(bytes.toArray());
    }

    @Override
    public String toString() {
        return line;
    }
}
