/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Finding;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.ObjectKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is desired of a file in which some documents have errors. Documents without errors are taken, unless they belong to
 * a pod together with one that has errors: a pod and the ConfigMaps and Secrets that it refers to change together or not at
 * all. Everything else stays as it was. Pure; loaded for files with errors only.
 *
 * @param documents the documents that are desired: new ones, and those of before
 * @param held the objects that stay as they were, or stay away, because of errors
 * @param taken whether any document of the file is desired as the file has it
 * @param findings about the documents without errors that are held up, and about objects that are kept
 */
record DocumentMerge(
        List<ManifestFile.Document> documents, Set<ObjectKey> held, boolean taken, List<Finding> findings) {

    /**
     * Merges a file into its last good content.
     *
     * @param before the last good content
     * @param file the file, which has errors, or documents that must not change
     * @param refused the objects of the file that must not change and do
     */
    static DocumentMerge of(List<ManifestFile.Document> before, ManifestFile file, Set<ObjectKey> refused) {
        Map<ObjectKey, ManifestFile.Document> old = byKey(before);
        Map<ObjectKey, ManifestFile.Document> now = byKey(file.documents());
        Set<ObjectKey> bad = new HashSet<>(refused);
        boolean unknown = false;
        for (ManifestFile.Rejected rejected : file.rejected()) {
            rejected.key().ifPresent(bad::add);
            unknown |=
                    rejected.key().isEmpty() || !old.containsKey(rejected.key().get());
        }
        Set<ObjectKey> kept = new HashSet<>();
        for (ObjectKey key : old.keySet()) {
            // Its name might be the mistake of a document with errors.
            if (unknown && !now.containsKey(key) && bad.add(key)) {
                kept.add(key);
            }
        }
        Map<ObjectKey, ObjectKey> causes = causes(bad, neighbours(before, file));
        List<ManifestFile.Document> documents = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        boolean taken = false;
        for (ManifestFile.Document document : file.documents()) {
            ObjectKey key = document.key();
            ObjectKey cause = causes.get(key);
            ManifestFile.Document last = old.get(key);
            if (cause == null) {
                documents.add(document);
                taken = true;
                continue;
            }
            if (last != null) {
                documents.add(last);
            }
            if (!bad.contains(key) && (last == null || !last.json().equals(document.json()))) {
                findings.add(Finding.of(
                        document.line(),
                        document.column(),
                        "metadata.name",
                        key.inWords() + " is held up until the errors of " + cause.inWords()
                                + " are corrected, because one pod uses both"));
            }
        }
        for (ManifestFile.Document document : before) {
            ObjectKey key = document.key();
            if (!now.containsKey(key) && causes.containsKey(key)) {
                documents.add(document);
                // If no document can be used, the file says no more than that, and everything is kept.
                boolean named = bad.contains(key) && !kept.contains(key);
                if (!named && !file.documents().isEmpty()) {
                    findings.add(
                            Finding.ofFile(
                                    key.inWords()
                                            + " is not in the file, or not under this name; it is kept until the errors are corrected"));
                }
            }
        }
        return new DocumentMerge(List.copyOf(documents), Set.copyOf(causes.keySet()), taken, List.copyOf(findings));
    }

    private static Map<ObjectKey, ManifestFile.Document> byKey(Collection<ManifestFile.Document> documents) {
        Map<ObjectKey, ManifestFile.Document> byKey = new LinkedHashMap<>();
        for (ManifestFile.Document document : documents) {
            byKey.put(document.key(), document);
        }
        return byKey;
    }

    /** Which objects belong together: a pod, of before or of now, and what it refers to. */
    private static Map<ObjectKey, Set<ObjectKey>> neighbours(List<ManifestFile.Document> before, ManifestFile file) {
        Map<ObjectKey, Set<ObjectKey>> neighbours = new HashMap<>();
        for (List<ManifestFile.Document> documents : List.of(before, file.documents())) {
            for (ManifestFile.Document document : documents) {
                if (document.key().isPod()) {
                    link(neighbours, document.key(), document.references());
                }
            }
        }
        for (ManifestFile.Rejected rejected : file.rejected()) {
            rejected.key().ifPresent(key -> link(neighbours, key, rejected.references()));
        }
        return neighbours;
    }

    private static void link(Map<ObjectKey, Set<ObjectKey>> neighbours, ObjectKey pod, Set<ObjectKey> references) {
        for (ObjectKey reference : references) {
            neighbours.computeIfAbsent(pod, _ -> new HashSet<>()).add(reference);
            neighbours.computeIfAbsent(reference, _ -> new HashSet<>()).add(pod);
        }
    }

    /** The objects that errors hold up, each with the object that has the errors. */
    private static Map<ObjectKey, ObjectKey> causes(Set<ObjectKey> bad, Map<ObjectKey, Set<ObjectKey>> neighbours) {
        Map<ObjectKey, ObjectKey> causes = new HashMap<>();
        Deque<ObjectKey> queue = new ArrayDeque<>();
        for (ObjectKey key : bad) {
            causes.put(key, key);
            queue.add(key);
        }
        while (!queue.isEmpty()) {
            ObjectKey key = queue.remove();
            for (ObjectKey neighbour : neighbours.getOrDefault(key, Set.of())) {
                ObjectKey cause = causes.get(key);
                if (cause != null && causes.putIfAbsent(neighbour, cause) == null) {
                    queue.add(neighbour);
                }
            }
        }
        return causes;
    }
}
