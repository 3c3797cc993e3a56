/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value for reading. A value that is absent or of another type reads as empty.
 *
 * @param value a Map, a List, a String, a Number, a Boolean, or null
 */
public record Json(@Nullable Object value) {

    public static final JsonFactory FACTORY = new JsonFactory();
    private static final Json MISSING = new Json(null);

    /** Reads one value; blocks until it is complete. */
    public static Json read(InputStream in) throws IOException {
        try (JsonParser parser = FACTORY.createParser(in)) {
            parser.nextToken();
            return read(parser);
        }
    }

    /** Reads the value that begins at the current token of a parser. */
    public static Json read(JsonParser parser) throws IOException {
        return new Json(tree(parser));
    }

    private static @Nullable Object tree(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    parser.nextToken();
                    fields.put(name, tree(parser));
                }
                yield fields;
            }
            case START_ARRAY -> {
                List<Object> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(tree(parser));
                }
                yield items;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getNumberValue();
            case VALUE_NUMBER_FLOAT -> new BigDecimal(parser.getText());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case null, default -> throw new IOException("the answer is incomplete");
        };
    }

    /** The value as JSON without blanks. */
    public String compact() throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            ObjectPrinter.write(out, value);
        }
        return text.toString();
    }

    /** The value of a field, or of a field in a field. */
    public Json at(String... path) {
        @Nullable Object now = value;
        for (String field : path) {
            if (!(now instanceof Map<?, ?> fields)) {
                return MISSING;
            }
            now = fields.get(field);
        }
        return now == null ? MISSING : new Json(now);
    }

    public boolean exists() {
        return value != null;
    }

    /** The items of an array. */
    public List<Json> items() {
        return value instanceof List<?> items ? items.stream().map(Json::new).toList() : List.of();
    }

    /** The fields of an object, in order. */
    public Map<String, Json> fields() {
        Map<String, Json> fields = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> object) {
            object.forEach((name, field) -> fields.put(String.valueOf(name), new Json(field)));
        }
        return fields;
    }

    /** A scalar as text. */
    public String text() {
        return switch (value) {
            case null -> "";
            case Map<?, ?> _, List<?> _ -> "";
            case Object scalar -> scalar.toString();
        };
    }

    /** A number of bytes; 0 if the value is not a number. */
    public long bytes() {
        return value instanceof Number number ? number.longValue() : 0;
    }

    public int number() {
        return value instanceof Number number ? number.intValue() : 0;
    }

    public boolean isTrue() {
        return value instanceof Boolean flag && flag;
    }

    /** A moment, such as {@code 2026-01-01T00:00:00Z}. */
    public Optional<Instant> moment() {
        try {
            return value instanceof String text ? Optional.of(Instant.parse(text)) : Optional.empty();
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }
}
