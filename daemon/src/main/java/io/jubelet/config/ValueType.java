/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.GoDuration;
import io.jubelet.document.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the value of a setting looks like, as a flag and as a field. */
public enum ValueType {
    TEXT("TEXT"),
    NAME("NAME"),
    DOMAIN("DOMAIN"),
    FILE("FILE"),
    DIRECTORY("DIR"),
    PATH("PATH"),
    URI("URI"),
    /** An IP address. */
    ADDRESS("IP"),
    /** A duration such as 20s, 1m30s or 100ms. */
    DURATION("DURATION"),
    /** A flag may stand without a value, which means true. */
    BOOLEAN("BOOL"),
    NUMBER("N"),
    PERCENT("PERCENT"),
    /** A quantity of bytes such as 10Mi. */
    SIZE("SIZE"),
    ADDRESSES("IP,..."),
    NAMES("NAME,..."),
    /** Labels: {@code key=value}. */
    LABELS("KEY=VALUE,..."),
    MAP("KEY=VALUE,..."),
    /** Eviction thresholds: {@code memory.available<100Mi}. */
    THRESHOLDS("SIGNAL<AMOUNT,..."),
    FEATURE_GATES("GATE=BOOL,..."),
    /** Taints: {@code key=value:effect}. */
    TAINTS("KEY=VALUE:EFFECT,..."),
    /** A mapping with fields; no flag has this type. */
    OBJECT("OBJECT");

    private final String placeholder;

    ValueType(String placeholder) {
        this.placeholder = placeholder;
    }

    /** The word that stands for a value in help texts. */
    public String placeholder() {
        return placeholder;
    }

    /** Whether a flag takes several values, separated by commas or in several flags. */
    public boolean isList() {
        return switch (this) {
            case ADDRESSES, NAMES, LABELS, MAP, THRESHOLDS, FEATURE_GATES, TAINTS -> true;
            default -> false;
        };
    }

    /** Why a text is not a value of this type; empty when it is one. Whether a value is in its range is checked later. */
    public Optional<String> problem(String value) {
        return switch (this) {
            case DURATION -> durationProblem(value);
            case BOOLEAN ->
                isBoolean(value) ? Optional.empty() : Optional.of("must be true or false, but is \"" + value + "\"");
            case NUMBER, PERCENT ->
                isNumber(value) ? Optional.empty() : Optional.of("must be a whole number, but is \"" + value + "\"");
            default -> Optional.empty();
        };
    }

    private static Optional<String> durationProblem(String value) {
        try {
            GoDuration.parse(value);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** The value of a flag as the value that its field would have in a file; lines are 0. */
    Node node(String value) {
        return switch (this) {
            case BOOLEAN -> isBoolean(value) ? scalar(Node.Type.BOOLEAN, value) : text(value);
            case NUMBER, PERCENT -> isNumber(value) ? scalar(Node.Type.INTEGER, value) : text(value);
            case ADDRESSES, NAMES, LABELS -> sequence(parts(value));
            case MAP -> mapping(value, "=", TEXT);
            case THRESHOLDS -> mapping(value, "<", TEXT);
            case FEATURE_GATES -> mapping(value, "=", BOOLEAN);
            case TAINTS -> taints(parts(value));
            default -> text(value);
        };
    }

    private static Node sequence(List<String> parts) {
        List<Node> items = new ArrayList<>(parts.size());
        for (String part : parts) {
            items.add(text(part));
        }
        return new Node.Sequence(0, 0, items);
    }

    private static Node taints(List<String> parts) {
        List<Node> items = new ArrayList<>(parts.size());
        for (String part : parts) {
            items.add(taint(part));
        }
        return new Node.Sequence(0, 0, items);
    }

    /** {@code key=value:effect}, where the value may be left out. */
    private static Node taint(String text) {
        int colon = text.lastIndexOf(':');
        String before = colon < 0 ? text : text.substring(0, colon);
        int equals = before.indexOf('=');
        List<Node.Entry> taint = new ArrayList<>();
        taint.add(new Node.Entry(0, 0, "key", text(equals < 0 ? before : before.substring(0, equals))));
        if (equals >= 0) {
            taint.add(new Node.Entry(0, 0, "value", text(before.substring(equals + 1))));
        }
        if (colon >= 0) {
            taint.add(new Node.Entry(0, 0, "effect", text(text.substring(colon + 1))));
        }
        return new Node.Mapping(0, 0, taint);
    }

    /** The last value of a key counts, as with the kubelet. */
    private static Node mapping(String value, String separator, ValueType type) {
        List<Node.Entry> entries = new ArrayList<>();
        for (String part : parts(value)) {
            int at = part.indexOf(separator);
            String key = at < 0 ? part : part.substring(0, at);
            entries.removeIf(entry -> entry.key().equals(key));
            entries.add(new Node.Entry(0, 0, key, type.node(at < 0 ? "" : part.substring(at + separator.length()))));
        }
        return new Node.Mapping(0, 0, entries);
    }

    private static List<String> parts(String value) {
        List<String> parts = new ArrayList<>();
        for (String part : value.isBlank() ? new String[0] : value.split(",")) {
            parts.add(part.strip());
        }
        return parts;
    }

    private static boolean isBoolean(String value) {
        return value.equals("true") || value.equals("false");
    }

    private static boolean isNumber(String value) {
        boolean digits = !value.isEmpty() && !value.equals("-");
        for (int i = 0; digits && i < value.length(); i++) {
            char c = value.charAt(i);
            digits = (c >= '0' && c <= '9') || (c == '-' && i == 0);
        }
        return digits;
    }

    private static Node text(String value) {
        return scalar(Node.Type.STRING, value);
    }

    private static Node scalar(Node.Type type, String value) {
        return new Node.Scalar(0, 0, type, value, value);
    }
}
