/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds items by labels without looking at all of them, so that thousands of pods cost linear time.
 */
final class LabelIndex<T> {
    private final Map<Map.Entry<String, String>, Set<T>> byLabel = new HashMap<>();

    void add(T item, Map<String, String> labels) {
        for (Map.Entry<String, String> label : labels.entrySet()) {
            byLabel.computeIfAbsent(Map.entry(label.getKey(), label.getValue()), _ -> new LinkedHashSet<>())
                    .add(item);
        }
    }

    void remove(T item, Map<String, String> labels) {
        for (Map.Entry<String, String> label : labels.entrySet()) {
            byLabel.computeIfPresent(Map.entry(label.getKey(), label.getValue()), (_, items) -> {
                items.remove(item);
                return items.isEmpty() ? null : items;
            });
        }
    }

    /**
     * Returns the items that can match: those with the rarest label of the selector, or {@code all}
     * for an empty one.
     */
    Collection<T> candidates(Map<String, String> selector, Collection<T> all) {
        Collection<T> fewest = all;
        for (Map.Entry<String, String> label : selector.entrySet()) {
            Set<T> items = byLabel.getOrDefault(Map.entry(label.getKey(), label.getValue()), Set.of());
            if (items.size() < fewest.size() || fewest == all) {
                fewest = items;
            }
        }
        return fewest;
    }
}
