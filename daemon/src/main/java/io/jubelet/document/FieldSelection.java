/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON value that a {@link JsonStream} keeps. A selection of a list holds for each
 * of its elements. Immutable.
 */
public final class FieldSelection {

    /** Everything. */
    public static final FieldSelection ALL = new FieldSelection(true, false, false, Map.of());

    /** Only that the value is there, and whether it is a mapping or a list. */
    public static final FieldSelection NOTHING = new FieldSelection(false, false, false, Map.of());

    /** The names of the fields of a mapping; their values read as null. */
    public static final FieldSelection NAMES = new FieldSelection(false, true, false, Map.of());

    private final boolean all;
    private final boolean names;
    private final boolean digest;
    private final Map<String, FieldSelection> fields;

    private FieldSelection(boolean all, boolean names, boolean digest, Map<String, FieldSelection> fields) {
        this.all = all;
        this.names = names;
        this.digest = digest;
        this.fields = Map.copyOf(fields);
    }

    /** Returns this, and in addition the value of a field. */
    public FieldSelection with(String... path) {
        return with(ALL, path);
    }

    /** Returns this, and in addition a part of a field, which this does not select yet. */
    public FieldSelection with(FieldSelection part, String... path) {
        return with(part, path, 0);
    }

    private FieldSelection with(FieldSelection part, String[] path, int from) {
        if (from == path.length) {
            return part;
        }
        Map<String, FieldSelection> more = new HashMap<>(fields);
        more.put(path[from], more.getOrDefault(path[from], NOTHING).with(part, path, from + 1));
        return new FieldSelection(all, names, digest, more);
    }

    /**
     * Returns this, and in addition a digest of the whole value, which {@link
     * JsonStream#digest(Node)} returns.
     */
    public FieldSelection withDigest() {
        return new FieldSelection(all, names, true, fields);
    }

    /** Returns this without the digest. */
    FieldSelection withoutDigest() {
        return new FieldSelection(all, names, false, fields);
    }

    /** Whether the whole value is kept. */
    boolean all() {
        return all;
    }

    /** Whether the names of all fields are kept. */
    boolean names() {
        return names;
    }

    /** Whether a digest of the value is kept. */
    boolean digest() {
        return digest;
    }

    /** Whether names of fields matter at all. */
    boolean readsNames() {
        return all || names || !fields.isEmpty();
    }

    /** Returns what is kept of a field; null if it is skipped. */
    @Nullable
    FieldSelection field(String name) {
        return all ? ALL : fields.get(name);
    }
}
