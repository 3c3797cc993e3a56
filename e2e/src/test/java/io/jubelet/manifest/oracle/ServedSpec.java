/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest.oracle;

import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import io.jubelet.objects.PodDefaults;
import io.jubelet.pod.Pod;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares the spec that Jubelet serves with that of an API server, field by field. */
final class ServedSpec {

    private final List<ValidationResult.Objection> others = new ArrayList<>();

    private ServedSpec() {}

    /** @param theirs the pod as the API server has answered it */
    static List<ValidationResult.Objection> differences(Pod ours, Object theirs) {
        ServedSpec compared = new ServedSpec();
        compared.compare("spec", Tree.read(JsonText.of(PodDefaults.spec(ours, ours.node()))), Tree.get(theirs, "spec"));
        return compared.others;
    }

    private void compare(String path, Object ours, Object theirs) {
        if (ours instanceof Map<?, ?> mine && theirs instanceof Map<?, ?> other) {
            Set<Object> keys = new LinkedHashSet<>(mine.keySet());
            keys.addAll(other.keySet());
            keys.forEach(key -> compare(path + "." + key, mine.get(key), other.get(key)));
        } else if (ours instanceof List<?> mine && theirs instanceof List<?> other) {
            for (int i = 0; i < Math.max(mine.size(), other.size()); i++) {
                compare(
                        path + "[" + i + "]",
                        i < mine.size() ? mine.get(i) : null,
                        i < other.size() ? other.get(i) : null);
            }
        } else if (!text(ours).equals(text(theirs))) {
            others.add(new ValidationResult.Objection(
                    path, "served as " + text(ours) + ", but by the API server as " + text(theirs)));
        }
    }

    private static String text(Object value) {
        return switch (value) {
            case null -> "nothing";
            case Node.Scalar scalar -> scalar.describe();
            default -> Tree.json(value);
        };
    }
}
