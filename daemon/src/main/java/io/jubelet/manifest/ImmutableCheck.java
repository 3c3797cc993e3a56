/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.Finding;
import io.jubelet.pod.ConfigObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Refuses changes of objects with {@code immutable: true}, as an API server does. Pure. */
public final class ImmutableCheck {

    private ImmutableCheck() {}

    /**
     * An error for each immutable object whose content changed. A removed object can be added again
     * with other content.
     */
    public static Map<ObjectKey, Finding> changed(List<ManifestFile.Document> before, List<ManifestFile.Document> now) {
        Map<ObjectKey, Finding> problems = new LinkedHashMap<>();
        for (ManifestFile.Document old : before) {
            if (old.content() instanceof ManifestFile.OfConfig(ConfigObject kept, String _) && kept.immutable()) {
                for (ManifestFile.Document each : now) {
                    if (each.content() instanceof ManifestFile.OfConfig(ConfigObject next, String _)
                            && each.key().equals(old.key())
                            && !next.equals(kept)) {
                        problems.put(
                                each.key(),
                                Finding.of(
                                        each.line(),
                                        each.column(),
                                        "immutable",
                                        each.key().inWords()
                                                + " is immutable and must not change; give the new one another"
                                                + " name, or remove this one from the file and add it again"));
                    }
                }
            }
        }
        return problems;
    }
}
