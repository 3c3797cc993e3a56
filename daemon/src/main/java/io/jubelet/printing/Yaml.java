/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes JSON as YAML, in the form that kubectl uses. */
public final class Yaml {

    /** Words that every reader of YAML 1.1 or 1.2 reads as a string; everything else is quoted. */
    private static final Pattern PLAIN =
            Pattern.compile("[A-Za-z_/][A-Za-z0-9_./@%+=,;()-]*(?:[ :][A-Za-z0-9_./@%+=,;()-]+)*");

    private static final Pattern RESERVED = Pattern.compile("(?i)y|n|yes|no|on|off|true|false|null|~|\\.inf|\\.nan");
    private static final Pattern BLOCK = Pattern.compile("[^\\s][\\t\\n\\x20-\\x7e\\xa0-\\ud7ff\\ue000-\\ufffd]*");

    private Yaml() {}

    /** The text of a document, with a line break at its end. */
    public static String of(Json json) {
        StringBuilder out = new StringBuilder();
        switch (json.value()) {
            case Map<?, ?> fields when !fields.isEmpty() -> object(out, fields, 0);
            case List<?> items when !items.isEmpty() -> array(out, items, 0);
            case null, default -> {
                scalar(out, json.value(), 0);
                out.append('\n');
            }
        }
        return out.toString();
    }

    private static void object(StringBuilder out, Map<?, ?> fields, int indent) {
        boolean first = true;
        for (Map.Entry<?, ?> field : fields.entrySet()) {
            // The first field of an object in an array stands behind the dash.
            if (!first || out.isEmpty() || out.charAt(out.length() - 1) == '\n') {
                out.repeat(' ', indent);
            }
            first = false;
            string(out, String.valueOf(field.getKey()), indent);
            out.append(':');
            child(out, field.getValue(), indent);
        }
    }

    private static void child(StringBuilder out, @Nullable Object value, int indent) {
        switch (value) {
            case Map<?, ?> fields
            when !fields.isEmpty() -> {
                out.append('\n');
                object(out, fields, indent + 2);
            }
            case List<?> items
            when !items.isEmpty() -> {
                out.append('\n');
                array(out, items, indent);
            }
            case null, default -> {
                out.append(' ');
                scalar(out, value, indent + 2);
                out.append('\n');
            }
        }
    }

    private static void array(StringBuilder out, List<?> items, int indent) {
        for (Object item : items) {
            out.repeat(' ', indent).append('-').append(' ');
            switch (item) {
                case Map<?, ?> fields when !fields.isEmpty() -> object(out, fields, indent + 2);
                case List<?> inner
                when !inner.isEmpty() -> {
                    out.append('\n');
                    array(out, inner, indent + 2);
                }
                case null, default -> {
                    scalar(out, item, indent + 2);
                    out.append('\n');
                }
            }
        }
    }

    private static void scalar(StringBuilder out, @Nullable Object value, int indent) {
        switch (value) {
            case null -> out.append("null");
            case Map<?, ?> _ -> out.append("{}");
            case List<?> _ -> out.append("[]");
            case String text -> string(out, text, indent);
            case Object other -> out.append(other);
        }
    }

    private static void string(StringBuilder out, String text, int indent) {
        if (PLAIN.matcher(text).matches() && !RESERVED.matcher(text).matches()) {
            out.append(text);
        } else if (text.indexOf('\n') >= 0
                && BLOCK.matcher(text).matches()
                && text.chars().noneMatch(Yaml::isEscaped)) {
            block(out, text, indent);
        } else {
            quoted(out, text);
        }
    }

    private static void block(StringBuilder out, String text, int indent) {
        boolean ends = text.endsWith("\n");
        out.append('|').append(!ends ? "-" : text.endsWith("\n\n") ? "+" : "");
        String body = ends ? text.substring(0, text.length() - 1) : text;
        for (String line : body.split("\n", -1)) {
            out.append('\n');
            if (!line.isEmpty()) {
                out.repeat(' ', indent).append(line);
            }
        }
    }

    private static void quoted(StringBuilder out, String text) {
        out.append('"');
        text.chars().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c == 0xa0 || isEscaped(c)) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", c));
                    } else {
                        out.append((char) c);
                    }
                }
            }
        });
        out.append('"');
    }

    /** Whether a terminal would not show the character as itself. The halves of a pair are shown as one. */
    private static boolean isEscaped(int c) {
        return c != '\n' && c != '\t' && !Character.isSurrogate((char) c) && Table.isHarmful(c);
    }
}
