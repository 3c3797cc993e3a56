/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.document.FieldTable;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The resource with the types of fields agrees with the Java model of the API that the Kubernetes project publishes.
 *
 * <p>With {@code -Dpod-spec.update=true} the test writes the resource.
 */
class FieldTypesTest {

    private static final Path RESOURCE =
            Path.of("src/main/resources/io/jubelet/schema").resolve(FieldTypes.RESOURCE);
    private static final String MODEL = "io.kubernetes.client.openapi.models.V1";
    private static final Map<String, String> WORDS = Map.of(
            "String", "string",
            "Boolean", "boolean",
            "Integer", "integer",
            "Long", "integer",
            "OffsetDateTime", "Time",
            "byte[]", "base64");

    @Test
    void resourceMatchesTheModelOfTheApi() throws ReflectiveOperationException, IOException {
        StringBuilder text = new StringBuilder();
        Set<String> written = new TreeSet<>();
        for (PodSpecPage.Section section : PodSpecPage.SECTIONS) {
            append(text, written, section.table(), section.type());
        }
        append(text, written, LocalConfigFields.CONFIG_MAP, "ConfigMap");
        append(text, written, LocalConfigFields.SECRET, "Secret");
        if (Boolean.getBoolean("pod-spec.update")) {
            Files.writeString(RESOURCE, text);
        }
        assertEquals(text.toString(), Files.readString(RESOURCE));
    }

    private static void append(StringBuilder text, Set<String> written, FieldTable table, String type)
            throws ReflectiveOperationException {
        if (!written.add(table.what())) {
            return;
        }
        text.append(table.what()).append('\n');
        Map<String, String> types = types(type);
        for (FieldTable.Field field : table.fields()) {
            text.append("  ")
                    .append(field.name())
                    .append(' ')
                    .append(types.get(field.name()))
                    .append('\n');
        }
    }

    private static Map<String, String> types(String type) throws ReflectiveOperationException {
        Map<String, String> types = new TreeMap<>();
        String name = null;
        // Each private field follows the constant with its name in JSON.
        for (Field field : Class.forName(MODEL + type).getDeclaredFields()) {
            if (field.getName().startsWith("SERIALIZED_NAME_")) {
                name = (String) field.get(null);
            } else if (name != null) {
                types.put(name, word(field.getGenericType()));
                name = null;
            }
        }
        return types;
    }

    private static String word(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return (arguments.length == 1 ? "[]" : "map[string]") + word(arguments[arguments.length - 1]);
        }
        String name = ((Class<?>) type).getSimpleName();
        return WORDS.getOrDefault(name, name.startsWith("V1") ? name.substring(2) : name);
    }

    @Test
    void everyFieldHasAType() {
        FieldTypes types = FieldTypes.read();
        List<String> without = new ArrayList<>();
        List<FieldTable> all = new ArrayList<>(PodFields.all());
        all.addAll(LocalConfigFields.all());
        for (FieldTable table : all) {
            for (FieldTable.Field field : table.fields()) {
                if (types.of(table.what(), field.name()).equals("Object")) {
                    without.add(table.what() + "." + field.name());
                }
            }
        }
        assertEquals(List.of(), without);
    }
}
