/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import io.jubelet.document.FieldTable;
import io.jubelet.document.FieldTree;
import io.jubelet.document.Spelling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Explains one field of a Pod, ConfigMap or Secret: its type, what Jubelet makes of it, and the fields below it. Reads the tables
 * that the parsers read.
 */
public final class FieldExplanation {

    /** An unknown field that is known in more places than this is too common for a hint. */
    private static final int MAX_PLACES = 3;

    private static final Map<String, String> KINDS = Map.of(
            "pod", "Pod",
            "pods", "Pod",
            "po", "Pod",
            "configmap", "ConfigMap",
            "configmaps", "ConfigMap",
            "cm", "ConfigMap",
            "secret", "Secret",
            "secrets", "Secret");

    private final String kind;
    private final Map<String, FieldTable> tables;
    private final FieldTypes types = FieldTypes.read();

    private FieldExplanation(String kind) {
        this.kind = kind;
        FieldTree tree = switch (kind) {
            case "ConfigMap" -> LocalConfigFields.tree(LocalConfigFields.CONFIG_MAP);
            case "Secret" -> LocalConfigFields.tree(LocalConfigFields.SECRET);
            default -> PodFieldTree.create();
        };
        this.tables = tree.tables();
    }

    /** There is no such field; the message says what is near. */
    public static final class UnknownFieldException extends Exception {

        private static final long serialVersionUID = 1L;

        UnknownFieldException(String message) {
            super(message);
        }
    }

    /**
     * Explains a field.
     *
     * @param path such as {@code pod.spec.containers.image} or {@code spec.containers[0].image}; without a kind, of a Pod
     * @param recursive whether the fields of all levels are listed
     * @return lines of text
     */
    public static String of(String path, boolean recursive) throws UnknownFieldException {
        List<String> steps = new ArrayList<>();
        for (String step : path.split("\\.")) {
            steps.add(step.replaceFirst("\\[[0-9*]*]$", ""));
        }
        String kind = KINDS.get(steps.getFirst().toLowerCase(Locale.ROOT));
        if (kind != null) {
            steps.removeFirst();
        }
        return new FieldExplanation(kind == null ? "Pod" : kind).explain(steps, recursive);
    }

    private String explain(List<String> steps, boolean recursive) throws UnknownFieldException {
        String at = "";
        String shown = "";
        Optional<FieldTable.Field> field = Optional.empty();
        String type = "";
        for (String step : steps) {
            FieldTable table = tables.get(at);
            if (table == null) {
                throw new UnknownFieldException(shown + " is of type " + type + " and has no field \"" + step + "\"");
            }
            field = table.fields().stream()
                    .filter(each -> each.name().equals(step))
                    .findFirst();
            if (field.isEmpty()) {
                throw new UnknownFieldException(table.what() + " has no field \"" + step + "\"" + hint(table, step));
            }
            type = types.of(table.what(), step);
            shown = at.isEmpty() ? step : at + "." + step;
            at = tables.containsKey(shown + "[]") ? shown + "[]" : shown;
        }
        StringBuilder out = new StringBuilder("KIND:     " + kind + "\nVERSION:  v1\n");
        if (field.isPresent()) {
            out.append("FIELD:    ").append(shown).append(" <").append(type).append(">\nSUPPORT:  ");
            out.append(support(field.get())).append('\n');
        }
        FieldTable below = tables.get(at);
        if (below != null) {
            out.append("\nFIELDS:\n");
            append(out, at, below, recursive, "  ");
        }
        return out.toString();
    }

    private void append(StringBuilder out, String path, FieldTable table, boolean recursive, String indent) {
        Collection<FieldTable.Field> fields = table.fields();
        int width = fields.stream().mapToInt(each -> each.name().length()).max().orElse(0);
        int typeWidth = fields.stream()
                .mapToInt(each -> types.of(table.what(), each.name()).length())
                .max()
                .orElse(0);
        for (FieldTable.Field each : fields) {
            String type = types.of(table.what(), each.name());
            out.append(indent)
                    .append(each.name())
                    .repeat(' ', width - each.name().length() + 2)
                    .append('<')
                    .append(type)
                    .append('>')
                    .repeat(' ', typeWidth - type.length() + 2)
                    .append(word(each))
                    .append('\n');
            String below = path.isEmpty() ? each.name() : path + "." + each.name();
            String place = tables.containsKey(below + "[]") ? below + "[]" : below;
            FieldTable inner = tables.get(place);
            if (recursive && inner != null) {
                append(out, place, inner, true, indent + "  ");
            }
        }
    }

    /** What is made of a field, in the words of docs/pod-spec.md. */
    private static String word(FieldTable.Field field) {
        return switch (field.use()) {
            case HONOURED -> "honoured";
            case NO_EFFECT -> "no effect";
            case IGNORED -> "ignored";
            case DEFAULT_ONLY -> "default only";
            case REFUSED -> "refused";
        };
    }

    private static String support(FieldTable.Field field) {
        String word = word(field);
        return switch (field.use()) {
            case HONOURED -> word + ": it works as the Kubernetes API reference says";
            case NO_EFFECT -> word + ", and no warning: " + field.note().orElse("");
            case IGNORED -> word + " with a warning: " + field.note().orElse("");
            case DEFAULT_ONLY -> word + ": leave it out, or write " + String.join(" or ", field.values());
            case REFUSED -> word + " unless it is empty: " + field.note().orElse("");
        };
    }

    private String hint(FieldTable table, String step) {
        String closest = closest(table, step);
        if (closest != null) {
            return "; did you mean \"" + closest + "\"?";
        }
        List<String> places = tables.entrySet().stream()
                .filter(entry -> entry.getValue().has(step))
                .map(entry -> entry.getKey().isEmpty() ? step : entry.getKey() + "." + step)
                .sorted(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()))
                .toList();
        return places.isEmpty()
                ? ""
                : "; there is " + String.join(", ", places.subList(0, Math.min(MAX_PLACES, places.size())));
    }

    private static @Nullable String closest(FieldTable table, String step) {
        return Spelling.closest(
                step, table.fields().stream().map(FieldTable.Field::name).toList());
    }
}
