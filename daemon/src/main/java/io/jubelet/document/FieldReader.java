/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the typed fields of one mapping. A value of the wrong type becomes a finding, and the field
 * is read as absent. Not thread-safe.
 *
 * <p>A field whose value is null is absent in all methods.
 */
public final class FieldReader {

    /** A lambda expression because a reference to the constructor would load the class. */
    private static final Supplier<FieldTree> NO_TREE = () -> new FieldTree();

    private final Node.Mapping mapping;
    private final String path;
    private final FieldTable table;
    private final Supplier<FieldTree> tree;
    private final Findings findings;

    private FieldReader(
            Node.Mapping mapping, String path, FieldTable table, Supplier<FieldTree> tree, Findings findings) {
        this.mapping = mapping;
        this.path = path;
        this.table = table;
        this.tree = tree;
        this.findings = findings;
    }

    /**
     * Checks all keys of {@code node} against the table; null, with a finding, when {@code node} is
     * not a mapping.
     */
    public static @Nullable FieldReader open(Node node, String path, FieldTable table, Findings findings) {
        return open(node, path, table, NO_TREE, findings);
    }

    /** Checks all keys of {@code mapping} against the table. */
    public static FieldReader open(Node.Mapping mapping, String path, FieldTable table, Findings findings) {
        return open(mapping, path, table, NO_TREE, findings);
    }

    /**
     * Checks all keys of a document against the table, as this reader and those of the mappings in
     * it do for their own tables.
     *
     * @param tree of the kind of document, for hints where unknown fields belong; called only for
     *     documents with such fields
     */
    public static FieldReader open(
            Node.Mapping document, FieldTable table, Supplier<FieldTree> tree, Findings findings) {
        return open(document, "", table, tree, findings);
    }

    private static @Nullable FieldReader open(
            Node node, String path, FieldTable table, Supplier<FieldTree> tree, Findings findings) {
        if (!(node instanceof Node.Mapping mapping)) {
            findings.error(
                    node, path, "must be a mapping of fields of " + table.what() + ", but is " + node.describe());
            return null;
        }
        return open(mapping, path, table, tree, findings);
    }

    private static FieldReader open(
            Node.Mapping mapping, String path, FieldTable table, Supplier<FieldTree> tree, Findings findings) {
        table.check(mapping, path, tree, findings);
        return new FieldReader(mapping, path, table, tree, findings);
    }

    /** The mapping that this reader reads. */
    public Node.Mapping node() {
        return mapping;
    }

    /** Path of a field as users write it. */
    public String path(String name) {
        return FieldTable.join(path, name);
    }

    /** The value of a field, or null when it is absent. */
    public @Nullable Node get(String name) {
        Node node = mapping.get(name);
        return node == null || node.isNull() ? null : node;
    }

    /** Whether a field has a value. */
    public boolean has(String name) {
        return get(name) != null;
    }

    /**
     * Adds an error at the value of a field, or at the start of the mapping when the field is
     * absent. Adds none when the field is absent because its name is misspelt, which is a finding
     * with a suggestion already.
     */
    public void error(String name, String message) {
        Node node = mapping.get(name);
        if (node == null && table.hasMisspelt(mapping, name)) {
            return;
        }
        findings.error(node == null ? mapping : node, path(name), message);
    }

    /** Adds the result of a check of a field's value as an error; null is no error. */
    public void note(String name, @Nullable String wrong) {
        if (wrong != null) {
            error(name, wrong);
        }
    }

    /**
     * Adds an error about an item of a list of strings, unless {@code wrong} is null.
     *
     * @param item the string, whose first place in the list is meant
     */
    public void noteItem(String name, String item, @Nullable String wrong) {
        if (wrong == null) {
            return;
        }
        List<Node> items = items(name);
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i) instanceof Node.Scalar scalar && scalar.value().equals(item)) {
                findings.error(scalar, path(name) + "[" + i + "]", wrong);
                return;
            }
        }
        error(name, wrong);
    }

    /** Adds a warning at the value of a field. */
    public void warn(String name, String message) {
        Node node = mapping.get(name);
        findings.warn(node == null ? mapping : node, path(name), message);
    }

    /** A string without control characters, or {@code absent}. */
    public String text(String name, String absent) {
        Node node = get(name);
        String text = node == null ? null : textOf(node, path(name));
        return text == null ? absent : text;
    }

    /** A string that a program gets as it is, so it may have any character except NUL, or {@code absent}. */
    public String freeText(String name, String absent) {
        Node node = get(name);
        String text = node == null ? null : freeTextOf(node, path(name));
        return text == null ? absent : text;
    }

    /** A string without control characters that is required and must not be empty; null, with a finding, when it is absent or empty. */
    public @Nullable String requiredText(String name, String example) {
        Node node = get(name);
        if (node == null) {
            error(name, "is required; write for example \"" + name + ": " + example + "\"");
            return null;
        }
        String text = textOf(node, path(name));
        if (text != null && text.isEmpty()) {
            error(name, "must not be empty; write for example \"" + name + ": " + example + "\"");
            return null;
        }
        return text;
    }

    private @Nullable String textOf(Node node, String at) {
        return withoutControls(freeTextOf(node, at), true, node, at);
    }

    /** Null, with a finding, if a text has a control character, or, unless it is checked strictly, a NUL. */
    private @Nullable String withoutControls(@Nullable String text, boolean strictly, Node node, String at) {
        for (int i = 0; text != null && i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || (strictly && Character.isISOControl(c))) {
                findings.error(
                        node,
                        at,
                        "must not contain the control character U+"
                                + HexFormat.of().withUpperCase().toHexDigits(c));
                return null;
            }
        }
        return text;
    }

    private @Nullable String freeTextOf(Node node, String at) {
        if (node instanceof Node.Scalar scalar) {
            if (scalar.type() == Node.Type.STRING) {
                return withoutControls(scalar.value(), false, node, at);
            }
            findings.error(
                    node,
                    at,
                    "must be a string, but without quotes is " + scalar.describe() + "; write it in quotes: \""
                            + scalar.text() + "\"");
            return null;
        }
        findings.error(node, at, "must be a string, but is " + node.describe());
        return null;
    }

    /** A boolean, or {@code absent}. */
    public boolean flag(String name, boolean absent) {
        Node node = get(name);
        if (node == null) {
            return absent;
        }
        if (node instanceof Node.Scalar scalar && scalar.type() == Node.Type.BOOLEAN) {
            return scalar.isTrue();
        }
        error(name, "must be true or false, without quotes, but is " + node.describe());
        return absent;
    }

    /** A whole number from {@code min} to {@code max}, or {@code absent}. */
    public long integer(String name, long absent, long min, long max) {
        Node node = get(name);
        if (node == null) {
            return absent;
        }
        if (node instanceof Node.Scalar scalar
                && (scalar.type() == Node.Type.INTEGER || scalar.type() == Node.Type.FLOAT)
                && scalar.value().indexOf('.') < 0) {
            String digits = scalar.value();
            try {
                long value = Long.parseLong(digits);
                if (value >= min && value <= max) {
                    return value;
                }
            } catch (NumberFormatException _) {
                // It has more than 64 bits, so it is out of any range.
            }
            error(name, "must be " + range(min, max, digits) + ", but is " + scalar.text());
            return absent;
        }
        String unquoted =
                node instanceof Node.Scalar scalar && scalar.type() == Node.Type.STRING ? ", without quotes" : "";
        error(name, "must be a whole number" + unquoted + ", but is " + node.describe());
        return absent;
    }

    private static String range(long min, long max, String digits) {
        boolean tooLarge = !digits.startsWith("-") && digits.length() >= 10;
        return max >= Integer.MAX_VALUE && !tooLarge ? min + " or more" : "from " + min + " to " + max;
    }

    /** One of the constants of an enum by its exact name, or {@code absent}. */
    public <E extends Enum<E>> E choice(String name, E[] choices, E absent) {
        E choice = choice(name, choices);
        return choice == null ? absent : choice;
    }

    /** One of the constants of an enum by its exact name; null when the field is absent, empty or another string. */
    public <E extends Enum<E>> @Nullable E choice(String name, E[] choices) {
        String text = text(name, "");
        if (text.isEmpty()) {
            return null;
        }
        List<String> names = new ArrayList<>();
        for (E choice : choices) {
            if (choice.name().equals(text)) {
                return choice;
            }
            names.add(choice.name());
        }
        String close = Spelling.closest(text, names);
        error(
                name,
                "must be one of " + String.join(", ", names) + ", but is \"" + text + "\""
                        + (close == null ? "" : "; did you mean \"" + close + "\"?"));
        return null;
    }

    /** A reader of the mapping in a field; null when the field is absent or not a mapping. */
    public @Nullable FieldReader mapping(String name, FieldTable table) {
        Node node = get(name);
        return node == null ? null : open(node, path(name), table, tree, findings);
    }

    /** The items of a list, nulls among them; empty when the field is absent or not a list. */
    public List<Node> items(String name) {
        Node node = get(name);
        if (node == null) {
            return List.of();
        }
        if (node instanceof Node.Sequence sequence) {
            return sequence.items();
        }
        error(name, "must be a list, each item on its own line after \"- \", but is " + node.describe());
        return List.of();
    }

    /** Readers of the mappings in a list; an item that is not a mapping is left out, with a finding. */
    public List<FieldReader> mappings(String name, FieldTable table) {
        List<Node> items = items(name);
        List<FieldReader> readers = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            FieldReader reader = open(items.get(i), path(name) + "[" + i + "]", table, tree, findings);
            if (reader != null) {
                readers.add(reader);
            }
        }
        return readers;
    }

    /** The strings in a list, as {@link #text}; an item that is not a string is left out, with a finding. */
    public List<String> texts(String name) {
        return texts(name, false);
    }

    /** The strings in a list, as {@link #freeText}; an item that is not a string is left out, with a finding. */
    public List<String> freeTexts(String name) {
        return texts(name, true);
    }

    private List<String> texts(String name, boolean free) {
        List<Node> items = items(name);
        List<String> texts = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            String at = path(name) + "[" + i + "]";
            String text = free ? freeTextOf(items.get(i), at) : textOf(items.get(i), at);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    /**
     * The entries of a mapping with free keys, such as labels; empty when the field is absent or
     * not a mapping.
     */
    public List<Node.Entry> entries(String name) {
        Node node = get(name);
        if (node == null) {
            return List.of();
        }
        if (node instanceof Node.Mapping free) {
            return free.entries();
        }
        error(name, "must be a mapping, each entry written \"key: value\", but is " + node.describe());
        return List.of();
    }

    /**
     * A mapping of strings, such as labels, as {@link #text}; an entry whose value is not a string is
     * left out, with a finding.
     */
    public Map<String, String> textMap(String name) {
        return textMap(name, false);
    }

    /**
     * A mapping of strings, such as annotations, as {@link #freeText}; an entry whose value is not a
     * string is left out, with a finding.
     */
    public Map<String, String> freeTextMap(String name) {
        return textMap(name, true);
    }

    private Map<String, String> textMap(String name, boolean free) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Node.Entry entry : entries(name)) {
            Node value = entry.value();
            String at = path(name) + "." + entry.key();
            String text = value.isNull() ? "" : free ? freeTextOf(value, at) : textOf(value, at);
            if (text != null) {
                texts.put(entry.key(), text);
            }
        }
        return texts;
    }

    /** The findings to which this reader adds. */
    public Findings findings() {
        return findings;
    }
}
