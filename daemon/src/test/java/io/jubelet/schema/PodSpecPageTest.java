/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.FieldTable;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares the tables of fields with the Java model of the API that the Kubernetes project publishes, so that no field is
 * missing, and docs/pod-spec.md with the tables.
 *
 * <p>With {@code -Dpod-spec.update=true} the test also writes the page.
 */
class PodSpecPageTest {

    private static final Path PAGE = Path.of("../docs/pod-spec.md");
    private static final String MODEL = "io.kubernetes.client.openapi.models.V1";

    static List<PodSpecPage.Section> sections() {
        return PodSpecPage.SECTIONS;
    }

    @Test
    void pageMatchesTables() throws IOException {
        String expected = PodSpecPage.text();
        String actual = Files.exists(PAGE) ? Files.readString(PAGE) : "";
        if (Boolean.getBoolean("pod-spec.update")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, expected);
        }
        assertEquals(expected, actual);
    }

    @Test
    void everyTableIsOnPage() {
        assertEquals(
                PodFields.all().stream().map(FieldTable::what).sorted().toList(),
                sections().stream()
                        .map(section -> section.table().what())
                        .sorted()
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("sections")
    void tableHasFieldsOfApi(PodSpecPage.Section section) throws ReflectiveOperationException {
        assertEquals(
                List.copyOf(properties(section.type()).keySet()),
                section.table().fields().stream()
                        .map(FieldTable.Field::name)
                        .sorted()
                        .toList());
    }

    /** A field that is not refused as a whole has a table for its own fields, if it has any. */
    @ParameterizedTest
    @MethodSource("sections")
    void fieldsThatAreReadHaveTables(PodSpecPage.Section section) throws ReflectiveOperationException {
        Map<String, Class<?>> properties = properties(section.type());
        List<String> types = sections().stream().map(PodSpecPage.Section::type).toList();
        List<String> without = new ArrayList<>();
        for (FieldTable.Field field : section.table().fields()) {
            String type = properties.get(field.name()).getName();
            boolean read = field.use() == FieldTable.Use.HONOURED || field.use() == FieldTable.Use.NO_EFFECT;
            if (read && type.startsWith(MODEL) && !types.contains(type.substring(MODEL.length()))) {
                without.add(field.name());
            }
        }
        without.removeAll(NOT_READ);
        assertEquals(List.of(), without);
    }

    /** Fields without an effect as a whole: an API server sets them, or they name an object of a cluster. */
    private static final List<String> NOT_READ = List.of("status", "managedFields", "schedulingGroup");

    @Test
    void modelIsKubernetes136() throws ReflectiveOperationException {
        assertTrue(properties("PodSpec").containsKey("schedulingGroup"));
    }

    /** The types of the fields of a type by name; for a list or map, the type of its values. */
    private static Map<String, Class<?>> properties(String type) throws ReflectiveOperationException {
        Class<?> model = Class.forName(MODEL + type);
        Map<String, Class<?>> properties = new TreeMap<>();
        String name = null;
        // Each private field follows the constant with its name in JSON.
        for (Field field : model.getDeclaredFields()) {
            if (field.getName().startsWith("SERIALIZED_NAME_")) {
                name = (String) field.get(null);
            } else if (name != null) {
                Class<?> below = field.getType();
                if (field.getGenericType() instanceof ParameterizedType generic
                        && generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1]
                                instanceof Class<?> item) {
                    below = item;
                }
                properties.put(name, below);
                name = null;
            }
        }
        assertTrue(!properties.isEmpty(), type);
        return properties;
    }
}
