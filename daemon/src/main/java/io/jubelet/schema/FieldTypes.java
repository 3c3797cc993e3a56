/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The types of the fields of the v1 objects, as the Kubernetes API names them. They are in a resource that a test generates from
 * the Java model of the API; the parsers need none of it.
 */
final class FieldTypes {

    /** In this package. */
    static final String RESOURCE = "field-types.txt";

    private final Map<String, String> types = new HashMap<>();

    private FieldTypes() {}

    /** Reads the resource. */
    static FieldTypes read() {
        FieldTypes read = new FieldTypes();
        try (InputStream in = Objects.requireNonNull(FieldTypes.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            String what = "";
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.startsWith(" ")) {
                    String[] words = line.strip().split(" ");
                    read.types.put(key(what, words[0]), words[1]);
                } else {
                    what = line;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("reading a resource of this program", e);
        }
        return read;
    }

    private static String key(String what, String field) {
        return what + "." + field;
    }

    /**
     * The type of a field, such as {@code []Container} or {@code string}.
     *
     * @param what the object that has the field, as its table names it
     */
    String of(String what, String field) {
        return types.getOrDefault(key(what, field), "Object");
    }
}
