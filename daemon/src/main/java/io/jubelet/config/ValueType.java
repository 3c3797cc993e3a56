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
    /** An IP address and a port: {@code 127.0.0.1:6443} or {@code [::1]:6443}. */
    ADDRESS_AND_PORT("IP:PORT"),
    /** A duration such as 20s, 1m30s or 100ms. */
    DURATION("DURATION"),
    /** A flag may stand without a value, which means true. */
    BOOLEAN("BOOL"),
    /** A whole number of 32 bits. */
    NUMBER("N"),
    /** A whole number of 64 bits. */
    LONG_NUMBER("N"),
    /** A verbosity of the log: a number that is not negative. */
    LEVEL("N"),
    PERCENT("PERCENT"),
    /** A quantity of bytes such as 10Mi. */
    SIZE("SIZE"),
    ADDRESSES("IP,..."),
    /** At most one IP address of each family, in one text. */
    ADDRESS_PAIR("IP[,IP]"),
    NAMES("NAME,..."),
    /** Whole numbers; no flag has this type. */
    NUMBERS("N,..."),
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

    /**
     * Whether the values of a flag that is given several times add up, as with pflag's slices and the kubelet's maps. Of other
     * flags the last one counts.
     */
    public boolean isList() {
        return switch (this) {
            case ADDRESSES, NAMES, LABELS, MAP, THRESHOLDS, FEATURE_GATES -> true;
            default -> false;
        };
    }

    /** Why a text is not a value of this type; empty when it is one. Whether a value is in its range is checked later. */
    public Optional<String> problem(String value) {
        return canonical(value).isPresent() ? Optional.empty() : Optional.of(expectation(value));
    }

    private String expectation(String value) {
        return switch (this) {
            case DURATION -> GoDuration.malformed(value);
            case BOOLEAN -> "must be true or false, but is \"" + value + "\"";
            case LEVEL -> "must be a whole number that is not negative, but is \"" + value + "\"";
            case NUMBER, PERCENT, LONG_NUMBER -> "must be a whole number, but is \"" + value + "\"";
            case ADDRESSES, NAMES -> "has a quotation mark that does not enclose an item: " + value;
            case THRESHOLDS -> "must be pairs such as memory.available<100Mi, but is \"" + value + "\"";
            default -> "must be pairs such as " + placeholder.replace(",...", "") + ", but is \"" + value + "\"";
        };
    }

    /** The usual spelling of a value, such as {@code true} for {@code T}; empty when a text is not a value of this type. */
    Optional<String> canonical(String value) {
        boolean fits = switch (this) {
            case DURATION -> GoDuration.isDuration(value);
            case ADDRESSES, NAMES -> CsvLine.split(value).isPresent();
            case MAP, FEATURE_GATES -> arePairs(value, "=");
            case THRESHOLDS -> arePairs(value, "<");
            default -> true;
        };
        if (!fits) {
            return Optional.empty();
        }
        return switch (this) {
            case BOOLEAN -> GoNumber.bool(value);
            case NUMBER, PERCENT -> GoNumber.integer(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case LONG_NUMBER -> GoNumber.integer(value, Long.MIN_VALUE, Long.MAX_VALUE);
            case LEVEL -> GoNumber.decimal(value);
            default -> Optional.of(value);
        };
    }

    private static boolean arePairs(String value, String separator) {
        for (String part : parts(value)) {
            if (!part.contains(separator)) {
                return false;
            }
        }
        return true;
    }

    /** The value of a flag as the value that its field would have in a file; lines are 0. */
    Node node(String value) {
        return switch (this) {
            case BOOLEAN -> typed(Node.Type.BOOLEAN, value);
            case NUMBER, PERCENT, LONG_NUMBER, LEVEL -> typed(Node.Type.INTEGER, value);
            case ADDRESSES, NAMES -> sequence(CsvLine.split(value).orElse(List.of(value)));
            case ADDRESS_PAIR, LABELS -> sequence(parts(value));
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
            String key = at < 0 ? part : part.substring(0, at).strip();
            entries.removeIf(entry -> entry.key().equals(key));
            entries.add(new Node.Entry(
                    0,
                    0,
                    key,
                    type.node(
                            at < 0
                                    ? ""
                                    : part.substring(at + separator.length()).strip())));
        }
        return new Node.Mapping(0, 0, entries);
    }

    /** The parts between commas that are not empty. */
    private static List<String> parts(String value) {
        List<String> parts = new ArrayList<>();
        for (String part : value.split(",")) {
            if (!part.isBlank()) {
                parts.add(part.strip());
            }
        }
        return parts;
    }

    private Node typed(Node.Type type, String value) {
        Optional<String> canonical = canonical(value);
        return canonical.isPresent() ? scalar(type, canonical.get()) : text(value);
    }

    private static Node text(String value) {
        return scalar(Node.Type.STRING, value);
    }

    private static Node scalar(Node.Type type, String value) {
        return new Node.Scalar(0, 0, type, value, value);
    }
}
