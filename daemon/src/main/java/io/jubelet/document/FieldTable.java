/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The fields that a mapping can have, and how each is supported. Checks, suggestions and
 * documentation use the same table.
 */
public final class FieldTable {

    /** How a field is supported. */
    public enum Use {
        /** The field works. */
        HONOURED,
        /** Accepted without a warning because the field cannot have an effect here. */
        NO_EFFECT,
        /** Accepted with a warning because a user could expect an effect that the field does not have. */
        IGNORED,
        /** Only the listed values, which are the default, and an empty string are accepted. */
        DEFAULT_ONLY,
        /** An error because the field cannot work here. */
        REFUSED
    }

    /**
     * One field.
     *
     * @param note why the field is ignored, refused or without an effect; empty for the other uses
     * @param values for {@link Use#DEFAULT_ONLY}
     */
    public record Field(String name, Use use, Optional<String> note, List<String> values) {
        public Field {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(use, "use");
            Objects.requireNonNull(note, "note");
            values = List.copyOf(values);
        }
    }

    /** The prefix of fields for anchors in Compose files. */
    private static final String EXTENSION = "x-";

    private final String what;
    private final Map<String, Field> fields = new LinkedHashMap<>();

    private FieldTable(String what) {
        this.what = what;
    }

    /** A table without fields; {@code what} names the object that has the fields, such as "a container". */
    public static FieldTable of(String what) {
        return new FieldTable(what);
    }

    public FieldTable honoured(String... names) {
        return add(Use.HONOURED, Optional.empty(), List.of(), names);
    }

    public FieldTable noEffect(String note, String... names) {
        return add(Use.NO_EFFECT, Optional.of(note), List.of(), names);
    }

    public FieldTable ignored(String note, String... names) {
        return add(Use.IGNORED, Optional.of(note), List.of(), names);
    }

    public FieldTable defaultOnly(String name, String... values) {
        return add(Use.DEFAULT_ONLY, Optional.empty(), List.of(values), name);
    }

    public FieldTable refused(String note, String... names) {
        return add(Use.REFUSED, Optional.of(note), List.of(), names);
    }

    private FieldTable add(Use use, Optional<String> note, List<String> values, String... names) {
        for (String name : names) {
            if (fields.put(name, new Field(name, use, note, values)) != null) {
                throw new IllegalArgumentException(name + " is listed twice in " + what);
            }
        }
        return this;
    }

    /** The object that has the fields, such as "a container". */
    public String what() {
        return what;
    }

    /** All fields in the order of the table. */
    public Collection<Field> fields() {
        return fields.values();
    }

    /** Whether this table has a field with a name. */
    public boolean has(String name) {
        return fields.containsKey(name);
    }

    /** The field with a name; null when this table has none. */
    @Nullable
    Field field(String name) {
        return fields.get(name);
    }

    /**
     * Checks the keys of a mapping against this table.
     *
     * @param tree finds the places of unknown fields; called only for those
     */
    void check(Node.Mapping mapping, String path, Supplier<FieldTree> tree, Findings findings) {
        for (Node.Entry entry : mapping.entries()) {
            Field field = fields.get(entry.key());
            if (field == null && findings.isFull()) {
                return; // looking for what was meant is dear
            }
            if (field == null) {
                String message = what + " has no field \"" + entry.key() + "\"";
                String hint = hint(mapping, entry, path, tree.get());
                findings.error(entry.line(), entry.column(), join(path, entry.key()), message + hint);
            } else if (field.use() != Use.HONOURED && field.use() != Use.NO_EFFECT) {
                check(field, entry, join(path, entry.key()), findings);
            }
        }
    }

    private static void check(Field field, Node.Entry entry, String path, Findings findings) {
        int line = entry.line();
        int column = entry.column();
        switch (field.use()) {
            case HONOURED, NO_EFFECT -> {}
            case IGNORED -> findings.warn(line, column, path, field.note().orElseThrow());
            case REFUSED -> {
                if (!entry.value().isEmpty()) {
                    findings.error(line, column, path, field.note().orElseThrow());
                }
            }
            case DEFAULT_ONLY -> {
                boolean accepted = entry.value().isNull()
                        || (entry.value() instanceof Node.Scalar scalar
                                && (field.values().contains(scalar.value())
                                        || scalar.value().isEmpty()));
                if (!accepted) {
                    findings.error(
                            entry.value(),
                            path,
                            entry.value().describe() + " is not supported; leave it out, or write "
                                    + String.join(" or ", field.values()));
                }
            }
        }
    }

    /** Whether a mapping has an unknown key that is probably a misspelling of {@code name}. */
    boolean hasMisspelt(Node.Mapping mapping, String name) {
        for (Node.Entry entry : mapping.entries()) {
            if (!fields.containsKey(entry.key()) && name.equals(Spelling.closest(entry.key(), fields.keySet()))) {
                return true;
            }
        }
        return false;
    }

    private String hint(Node.Mapping mapping, Node.Entry entry, String path, FieldTree tree) {
        String key = entry.key();
        if (key.startsWith(EXTENSION)) {
            return "; a field that only holds an anchor is not supported: set the anchor where its value is used"
                    + " first, such as \"env: &common\"";
        }
        String close = Spelling.closest(key, fields.keySet());
        String spelling = close == null ? "" : "; did you mean \"" + close + "\"?";
        if (close != null && close.equalsIgnoreCase(key)) {
            return spelling;
        }
        String place = tree.place(path, mapping, entry);
        if (place != null) {
            return close == null ? "; " + place : spelling + " If not, " + place;
        }
        return close == null && tree.isLabel(path, entry)
                ? "; if it is a label, it belongs to " + join(path, "labels")
                : spelling;
    }

    static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
