/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.Signal;
import io.jubelet.cri.proto.Cri;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests that every mapping maps each component of a record to the field with the same name. It sets
 * one component at a time to a value other than its default and expects it on the other side.
 */
class WireCompletenessTest {
    private static final List<Class<?>> MAPPINGS = List.of(
            ContainerMapping.class,
            ImageMapping.class,
            MetricsMapping.class,
            ResourcesMapping.class,
            RuntimeMapping.class,
            SandboxMapping.class,
            SecurityMapping.class,
            StatsMapping.class,
            WindowsMapping.class);

    @ParameterizedTest
    @MethodSource
    void writesEveryComponent(Class<? extends Record> type, Method toWire) throws Exception {
        for (RecordComponent component : type.getRecordComponents()) {
            MessageLite wire = (MessageLite) toWire.invoke(null, instance(type, component));
            MessageLite others = (MessageLite) toWire.invoke(null, instance(type, null));
            Object written = value(wire, component);
            assertNotNull(written);
            assertNotEquals(value(others, component), written, component.getName());
        }
    }

    static Stream<Object[]> writesEveryComponent() {
        return mappings("toWire").map(method -> new Object[] {method.getParameterTypes()[0], method});
    }

    @ParameterizedTest
    @MethodSource
    void readsEveryComponent(Class<? extends Record> type, Method fromWire) throws Exception {
        for (RecordComponent component : type.getRecordComponents()) {
            Object read = fromWire.invoke(null, message(fromWire.getParameterTypes()[0], component));
            Object others = fromWire.invoke(null, message(fromWire.getParameterTypes()[0], null));
            Method accessor = component.getAccessor();
            if (isId(component.getType())) {
                assertEquals("text", accessor.invoke(read).toString(), component.getName());
            } else {
                assertNotEquals(accessor.invoke(others), accessor.invoke(read), component.getName());
            }
        }
    }

    static Stream<Object[]> readsEveryComponent() {
        return mappings("fromWire").map(method -> new Object[] {method.getReturnType(), method});
    }

    @Test
    void knowsTheSameSignalsOnBothSides() {
        List<String> wire = Arrays.stream(Cri.Signal.values())
                .filter(signal -> signal != Cri.Signal.UNRECOGNIZED)
                .map(Enum::name)
                .toList();
        assertEquals(wire, Arrays.stream(Signal.values()).map(Enum::name).toList());
        for (Signal signal : Signal.values()) {
            assertEquals(signal, EnumMapping.fromWire(EnumMapping.toWire(signal)));
        }
        assertEquals(Signal.RUNTIME_DEFAULT, EnumMapping.fromWire(Cri.Signal.UNRECOGNIZED));
    }

    @Test
    void readsEveryEnumConstantAsAnother() throws Exception {
        for (Method method : EnumMapping.class.getDeclaredMethods()) {
            if (method.getName().equals("fromWire")) {
                List<Object> read = new ArrayList<>();
                for (Object constant : method.getParameterTypes()[0].getEnumConstants()) {
                    if (!constant.toString().equals("UNRECOGNIZED")) {
                        read.add(method.invoke(null, constant));
                    }
                }
                assertEquals(Arrays.asList(method.getReturnType().getEnumConstants()), read);
            }
        }
    }

    private static Stream<Method> mappings(String name) {
        List<Method> found = MAPPINGS.stream()
                .flatMap(mapping -> Arrays.stream(mapping.getDeclaredMethods()))
                .filter(method -> method.getName().equals(name))
                .toList();
        assertTrue(found.size() > 20, "mappings are found: " + found);
        return found.stream();
    }

    /** Returns a record in which only required components and the chosen one are set. */
    private static Record instance(Class<?> type, @Nullable RecordComponent chosen) throws Exception {
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            arguments[i] =
                    same(components[i], chosen) ? some(components[i].getGenericType()) : none(type, components[i]);
        }
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        return (Record) type.getDeclaredConstructor(types).newInstance(arguments);
    }

    private static Object some(Type type) throws Exception {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            return List.of(some(list.getActualTypeArguments()[0]));
        }
        if (type instanceof ParameterizedType) {
            return Map.of("key", "value");
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isEnum()) {
            return plain.getEnumConstants()[1];
        }
        if (plain.isRecord() && !isId(plain)) {
            return instance(plain, null);
        }
        return switch (plain.getSimpleName()) {
            case "String" -> "text";
            case "boolean" -> true;
            case "int", "Integer" -> 7;
            case "long", "Long" -> 7L;
            case "PodSandboxId" -> new PodSandboxId("text");
            case "ContainerId" -> new ContainerId("text");
            default -> throw new AssertionError("no value of type " + type);
        };
    }

    private static @Nullable Object none(Class<?> owner, RecordComponent component) throws Exception {
        Class<?> type = component.getType();
        if (type.isEnum()) {
            return owner.getSimpleName().endsWith("Filter") ? null : type.getEnumConstants()[0];
        }
        if (type.isRecord()) {
            // These are required; see their records.
            boolean imageOfContainer = owner.getSimpleName().startsWith("Container")
                    && component.getName().equals("image");
            boolean required =
                    imageOfContainer || List.of("metadata", "attributes").contains(component.getName());
            return required ? instance(type, null) : null;
        }
        return switch (type.getSimpleName()) {
            case "String" -> "";
            case "boolean" -> false;
            case "int" -> 0;
            case "long" -> 0L;
            case "List" -> List.of();
            case "Map" -> Map.of();
            default -> null;
        };
    }

    /** Returns the value of a field; for a message, with whether it is set. */
    private static Object value(MessageLite wire, RecordComponent component) throws Exception {
        String field = field(wire.getClass(), component);
        Class<?> type = component.getType();
        if (type == List.class || type == Map.class) {
            return wire.getClass().getMethod("get" + field + "Count").invoke(wire);
        }
        try {
            return wire.getClass().getMethod("has" + field).invoke(wire).toString()
                    + ((MessageLite) wire.getClass().getMethod("get" + field).invoke(wire)).toByteString();
        } catch (NoSuchMethodException e) {
            return wire.getClass().getMethod("get" + field).invoke(wire);
        }
    }

    private static String field(Class<?> message, RecordComponent component) {
        String name = component.getName();
        for (Method method : message.getMethods()) {
            String getter = method.getName();
            if (getter.toLowerCase(Locale.ROOT).equals("get" + name.toLowerCase(Locale.ROOT))
                    || getter.toLowerCase(Locale.ROOT).equals("get" + name.toLowerCase(Locale.ROOT) + "count")) {
                String field = getter.substring("get".length());
                return field.endsWith("Count") && !name.endsWith("Count")
                        ? field.substring(0, field.length() - "Count".length())
                        : field;
            }
        }
        throw new AssertionError("no field " + name + " in " + message);
    }

    /** Returns a message in which only ids and the field of the chosen component are set. */
    private static MessageLite message(Class<?> type, @Nullable RecordComponent chosen) throws Exception {
        MessageLite.Builder builder =
                (MessageLite.Builder) type.getMethod("newBuilder").invoke(null);
        for (RecordComponent component : record(type).getRecordComponents()) {
            if (isId(component.getType()) || same(component, chosen)) {
                set(type, builder, component);
            } else if (component.getName().equals("attributes")) {
                // Attributes contain an id, which is never empty.
                String field = field(type, component);
                Class<?> part = type.getMethod("get" + field).getReturnType();
                builder.getClass().getMethod("set" + field, part).invoke(builder, message(part, null));
            }
        }
        return builder.build();
    }

    private static void set(Class<?> type, MessageLite.Builder builder, RecordComponent component) throws Exception {
        String field = field(type, component);
        String prefix = component.getType() == List.class ? "add" : component.getType() == Map.class ? "put" : "set";
        for (Method setter : builder.getClass().getMethods()) {
            Class<?>[] types = setter.getParameterTypes();
            if (setter.getName().equals(prefix + field)
                    && types.length == (prefix.equals("put") ? 2 : 1)
                    && !MessageLite.Builder.class.isAssignableFrom(types[0])) {
                Object[] values = new Object[types.length];
                for (int i = 0; i < types.length; i++) {
                    values[i] = wireValue(types[i], component);
                }
                setter.invoke(builder, values);
                return;
            }
        }
        throw new AssertionError("no setter of " + field + " in " + type);
    }

    private static Object wireValue(Class<?> type, RecordComponent component) throws Exception {
        if (type.isEnum()) {
            return type.getEnumConstants()[1];
        }
        if (MessageLite.class.isAssignableFrom(type)) {
            if (type == Cri.UInt64Value.class) {
                return Cri.UInt64Value.newBuilder().setValue(7).build();
            }
            if (type == Cri.Int64Value.class) {
                return Cri.Int64Value.newBuilder().setValue(7).build();
            }
            // One field with another value than the default, for parts that are never absent.
            RecordComponent[] parts = record(type).getRecordComponents();
            return message(type, parts[parts.length - 1]);
        }
        assertTrue(component.getType() != Instant.class || type == long.class, component.toString());
        return switch (type.getSimpleName()) {
            case "String" -> "text";
            case "boolean" -> true;
            case "int" -> 7;
            case "long" -> 7L;
            case "double" -> 7.5;
            case "ByteString" -> ByteString.copyFromUtf8("text");
            default -> throw new AssertionError("no value of type " + type);
        };
    }

    /** Returns the record of a message. */
    private static Class<?> record(Class<?> message) {
        return mappings("fromWire")
                .filter(method -> method.getParameterTypes()[0] == message)
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing reads " + message))
                .getReturnType();
    }

    /**
     * Compares by name, because a record class returns new components each time, which are not
     * equal.
     */
    private static boolean same(RecordComponent one, @Nullable RecordComponent other) {
        return other != null && one.getName().equals(other.getName());
    }

    private static boolean isId(Class<?> type) {
        return type == PodSandboxId.class || type == ContainerId.class;
    }
}
