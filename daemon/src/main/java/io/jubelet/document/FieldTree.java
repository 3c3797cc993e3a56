/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one kind of document by their paths, such as {@code spec.containers[]}. Finds the
 * place where a field belongs that is unknown where it stands. Immutable after the last {@link #at}.
 */
public final class FieldTree {

    /** A name in more places or tables than this is too common for a hint. */
    private static final int MAX_PLACES = 3;

    private final Map<String, FieldTable> tables = new LinkedHashMap<>();
    private final Map<String, List<String>> keys = new LinkedHashMap<>();
    private final Map<String, String> rarer = new LinkedHashMap<>();
    private String labels = "";

    /** Adds the table of the fields at a path; an empty path stands for the document itself. */
    public FieldTree at(String path, FieldTable table) {
        if (tables.put(path, table) != null) {
            throw new IllegalArgumentException("two tables at " + path);
        }
        return this;
    }

    /**
     * Says that a path is meant less often than another one with the same tables, so that hints name
     * only the other one.
     *
     * @param path such as {@code spec.initContainers[]}
     * @param usual such as {@code spec.containers[]}
     */
    public FieldTree rarer(String path, String usual) {
        rarer.put(path, usual);
        return this;
    }

    /** Adds a mapping with free keys, and names some common ones. */
    public FieldTree keys(String path, String... common) {
        keys.put(path, List.of(common));
        return this;
    }

    /** Names the mapping of labels, where an unknown field with a string beside it probably belongs. */
    public FieldTree labels(String path) {
        labels = path;
        return this;
    }

    /** The tables by their paths, in the order in which they were added. */
    public Map<String, FieldTable> tables() {
        return Map.copyOf(tables);
    }

    /**
     * A clause that says where a field belongs, such as {@code it belongs to spec}; null when no
     * table has the field, or too many have it.
     *
     * @param path the mapping that has the field, such as {@code spec.containers[0]}
     * @param mapping the mapping at {@code path}
     * @param entry the unknown field
     */
    @Nullable
    String place(String path, Node.Mapping mapping, Node.Entry entry) {
        String from = pattern(path);
        List<String> places = nearest(from, entry);
        for (String place : places) {
            String below = stepBelow(from, place);
            if (below != null && mapping.get(below) instanceof Node sibling && sibling.isNull()) {
                return "it belongs to " + FieldTable.join(path, below) + ", which is empty; indent it further";
            }
        }
        boolean aside = places.stream().noneMatch(place -> isAbove(from, place) || isAbove(place, from));
        if (places.isEmpty() || places.size() > MAX_PLACES || (aside && isCommon(entry.key()))) {
            return null;
        }
        List<String> names = new ArrayList<>(places.size());
        places.forEach(place -> names.add(concrete(place, from, path)));
        return "it belongs to " + orJoin(names) + refusal(places.getFirst(), entry.key());
    }

    /** Whether an unknown field is probably a label beside the mapping of labels. */
    boolean isLabel(String path, Node.Entry entry) {
        return labels.equals(FieldTable.join(path, "labels"))
                && entry.value() instanceof Node.Scalar scalar
                && scalar.type() == Node.Type.STRING;
    }

    /** The closest places that have a field whose value has the shape of that of {@code entry}. */
    private List<String> nearest(String from, Node.Entry entry) {
        List<String> places = new ArrayList<>();
        int best = Integer.MAX_VALUE;
        for (String place : placesOf(entry)) {
            int distance = distance(from, place);
            if (distance < best) {
                best = distance;
                places.clear();
            }
            if (distance == best) {
                places.add(place);
            }
        }
        places.removeIf(place -> isRarer(place, places));
        return places;
    }

    private List<String> placesOf(Node.Entry entry) {
        List<String> places = new ArrayList<>();
        tables.forEach((place, table) -> {
            if (table.field(entry.key()) != null && fits(place, entry)) {
                places.add(place);
            }
        });
        keys.forEach((place, common) -> {
            if (common.contains(entry.key()) && entry.value() instanceof Node.Scalar) {
                places.add(place);
            }
        });
        return places;
    }

    private boolean isRarer(String place, List<String> places) {
        for (Map.Entry<String, String> entry : rarer.entrySet()) {
            String path = entry.getKey();
            if (place.startsWith(path) && places.contains(entry.getValue() + place.substring(path.length()))) {
                return true;
            }
        }
        return false;
    }

    /** Whether the value of a field has the shape that the field has at another place. */
    private boolean fits(String place, Node.Entry entry) {
        String path = FieldTable.join(place, entry.key());
        FieldTable below = tables.get(path);
        boolean list = tables.containsKey(path + "[]");
        return switch (entry.value()) {
            case Node.Scalar scalar -> scalar.isNull() || (below == null && !list);
            case Node.Sequence _ -> below == null;
            case Node.Mapping mapping ->
                !list
                        && (below == null
                                || mapping.isEmpty()
                                || mapping.entries().stream().anyMatch(field -> below.has(field.key())));
        };
    }

    /** Whether tables of many kinds have a field with a name, such as {@code key}. */
    private boolean isCommon(String name) {
        return tables.values().stream()
                        .distinct()
                        .filter(table -> table.field(name) != null)
                        .count()
                > MAX_PLACES;
    }

    private String refusal(String place, String name) {
        FieldTable table = tables.get(place);
        FieldTable.Field field = table == null ? null : table.field(name);
        return field == null || field.use() != FieldTable.Use.REFUSED
                ? ""
                : ", where it is refused because " + field.note().orElseThrow();
    }

    /** How many levels up and down lead from one path to another. */
    private static int distance(String from, String to) {
        List<String> one = steps(from);
        List<String> other = steps(to);
        return one.size() + other.size() - 2 * common(one, other);
    }

    private static int common(List<String> one, List<String> other) {
        int common = 0;
        while (common < Math.min(one.size(), other.size()) && one.get(common).equals(other.get(common))) {
            common++;
        }
        return common;
    }

    private static List<String> steps(String path) {
        return path.isEmpty() ? List.of() : List.of(path.split("\\."));
    }

    private static boolean isAbove(String upper, String lower) {
        List<String> start = steps(upper);
        List<String> end = steps(lower);
        return end.size() > start.size() && common(start, end) == start.size();
    }

    /** The field of the mapping at {@code from} that leads down to {@code place}; null when none does. */
    private static @Nullable String stepBelow(String from, String place) {
        return isAbove(from, place) ? steps(place).get(steps(from).size()) : null;
    }

    /** A path with the indices that it shares with the path of the unknown field. */
    private static String concrete(String place, String from, String path) {
        List<String> end = steps(place);
        int common = common(steps(from), end);
        String shared = String.join(".", steps(path).subList(0, common));
        String rest = String.join(".", end.subList(common, end.size()));
        String whole = rest.isEmpty() ? shared : FieldTable.join(shared, rest);
        return whole.isEmpty() ? "the top level" : whole;
    }

    private static String pattern(String path) {
        StringBuilder pattern = new StringBuilder(path.length());
        boolean index = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            index = (index || c == '[') && c != ']';
            if (!index || c == '[') {
                pattern.append(c);
            }
        }
        return pattern.toString();
    }

    private static String orJoin(List<String> names) {
        int last = names.size() - 1;
        return last == 0 ? names.getFirst() : String.join(", ", names.subList(0, last)) + " or " + names.get(last);
    }
}
