/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.kubeapi.ApiObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What clients of the API server changed in a mirror pod after its creation, read from its
 * managedFields. They attribute what admission changes at creation to the creator, so that is no
 * edit. Immutable.
 *
 * @param editor the name of a client that changed something, as the API server recorded it; empty
 *     when none did, or when it only removed fields
 * @param spec whether the spec was changed
 * @param written the labels and annotations that were added or changed
 * @param present the labels and annotations that the mirror pod has
 */
record MirrorEdits(Optional<String> editor, boolean spec, Set<Key> written, Set<Key> present) {

    /**
     * The largest number of labels and annotations of a mirror pod that are kept. A pod with more
     * is not replaced because of those that it lacks.
     */
    static final int MAX_NAMES = 256;

    /** The longest name that is kept, in characters: that of a label, with a prefix. */
    private static final int MAX_NAME_CHARS = 317;

    /** A pod that no client changed, and whose labels and annotations do not matter. */
    static final MirrorEdits NONE = new MirrorEdits(Optional.empty(), false, Set.of(), Set.of());

    /** Part of the metadata of a pod. */
    enum Part {
        LABELS,
        ANNOTATIONS;

        String field() {
            return this == LABELS ? "labels" : "annotations";
        }
    }

    /** The key of a label or of an annotation. */
    record Key(Part part, String name) {}

    MirrorEdits {
        Objects.requireNonNull(editor, "editor");
        written = Set.copyOf(written);
        present = Set.copyOf(present);
    }

    /** Reads the edits of a mirror pod. */
    static MirrorEdits of(ApiObject pod) {
        List<ApiObject> managed = pod.objects("metadata", "managedFields");
        Optional<String> creator = managed.stream()
                .filter(entry -> entry.has("fieldsV1", "f:metadata", "f:annotations", "f:" + ApiPod.MIRROR))
                .map(MirrorEdits::manager)
                .findFirst();
        Set<Key> present = new HashSet<>();
        for (Part part : Part.values()) {
            for (String name : pod.names("metadata", part.field())) {
                add(present, part, name);
            }
        }
        // The API server counts the changes of a spec from 1.
        boolean spec = ApiPod.version(pod.text("metadata", "generation")) > 1;
        Set<Key> written = new HashSet<>();
        List<String> editors = new ArrayList<>();
        for (ApiObject entry : managed) {
            String manager = manager(entry);
            if (creator.isEmpty()
                    || manager.equals(creator.get())
                    || entry.text("subresource").equals("status")) {
                continue;
            }
            int before = written.size();
            for (Part part : Part.values()) {
                for (String field : entry.names("fieldsV1", "f:metadata", "f:" + part.field())) {
                    if (field.startsWith("f:")) {
                        add(written, part, field.substring("f:".length()));
                    }
                }
            }
            if (entry.has("fieldsV1", "f:spec")) {
                spec = true;
                editors.add(manager);
            } else if (written.size() > before) {
                editors.add(manager);
            }
        }
        Optional<String> last = editors.isEmpty() ? Optional.empty() : Optional.of(editors.getLast());
        return new MirrorEdits(last.filter(name -> !name.isEmpty()), spec, written, present);
    }

    /** Returns the name of a client, which the API server limits to 128 characters. */
    private static String manager(ApiObject entry) {
        String name = entry.text("manager");
        return name.length() <= MAX_NAME_CHARS ? name : name.substring(0, MAX_NAME_CHARS);
    }

    private static void add(Set<Key> keys, Part part, String name) {
        if (keys.size() < MAX_NAMES && name.length() <= MAX_NAME_CHARS) {
            keys.add(new Key(part, name));
        }
    }

    /**
     * Returns what the mirror pod shows otherwise than its static pod, half a sentence; empty when
     * nothing. Annotations that a client added are no difference, because tools of clusters
     * annotate pods.
     *
     * @param labels the labels that the mirror pod was created with
     * @param annotations the annotations that it was created with
     */
    Optional<String> difference(Map<String, String> labels, Map<String, String> annotations) {
        if (spec) {
            return Optional.of(edited("spec"));
        }
        boolean label = written.stream().anyMatch(key -> key.part() == Part.LABELS);
        if (label || lacks(Part.LABELS, labels.keySet())) {
            return Optional.of(edited("labels"));
        }
        boolean annotation =
                annotations.keySet().stream().anyMatch(name -> written.contains(new Key(Part.ANNOTATIONS, name)));
        return annotation || lacks(Part.ANNOTATIONS, annotations.keySet())
                ? Optional.of(edited("annotations"))
                : Optional.empty();
    }

    private boolean lacks(Part part, Set<String> names) {
        return present.size() < MAX_NAMES && names.stream().anyMatch(name -> !present.contains(new Key(part, name)));
    }

    private String edited(String what) {
        return "its " + what + (what.equals("spec") ? " was" : " were") + " edited"
                + editor.map(name -> " by " + name).orElse("");
    }
}
