/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints an answer as JSON, as YAML, or only its names. */
public final class ObjectPrinter {

    private ObjectPrinter() {}

    public static void print(Json json, OutputFormat format, PrintStream out) throws IOException {
        switch (format) {
            case json -> out.println(pretty(json));
            case yaml -> out.print(Yaml.of(json));
            case name -> names(json, out);
            case table, wide -> throw new IllegalArgumentException("tables are printed by Table");
        }
        out.flush();
    }

    private static void names(Json json, PrintStream out) {
        List<Json> items = json.at("items").exists() ? json.at("items").items() : List.of(json);
        for (Json item : items) {
            String name = item.at("metadata", "name").text();
            String kind = item.at("kind").text().equals("Event") ? "event/" : "pod/";
            out.println(Table.printable(name.isEmpty() ? item.at("path").text() : kind + name));
        }
    }

    private static String pretty(Json json) throws IOException {
        StringWriter text = new StringWriter();
        DefaultIndenter indenter = new DefaultIndenter("    ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(Separators.createDefaultInstance()
                        .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                        .withObjectEmptySeparator("")
                        .withArrayEmptySeparator(""))
                .withObjectIndenter(indenter)
                .withArrayIndenter(indenter);
        try (JsonGenerator generator = Json.FACTORY.createGenerator(text)) {
            generator.setPrettyPrinter(printer);
            write(generator, json.value());
        }
        return escaped(text.toString());
    }

    /** The same JSON with escapes for what acts on a terminal. Only strings have such characters, or line ends. */
    private static String escaped(String json) {
        StringBuilder out = new StringBuilder(json.length());
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c != '\n' && !Character.isSurrogate(c) && Table.isHarmful(c)) {
                out.append("\\u").append(HexFormat.of().toHexDigits(c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    static void write(JsonGenerator out, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> out.writeNull();
            case Map<?, ?> fields -> {
                out.writeStartObject();
                for (Map.Entry<?, ?> field : fields.entrySet()) {
                    out.writeFieldName(String.valueOf(field.getKey()));
                    write(out, field.getValue());
                }
                out.writeEndObject();
            }
            case List<?> items -> {
                out.writeStartArray();
                for (Object item : items) {
                    write(out, item);
                }
                out.writeEndArray();
            }
            case String text -> out.writeString(text);
            case Boolean flag -> out.writeBoolean(flag);
            // Numbers are written as they were read.
            case Object number -> out.writeRawValue(number.toString());
        }
    }
}
