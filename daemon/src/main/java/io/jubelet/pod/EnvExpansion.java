package io.jubelet.pod;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Expansion of {@code $(NAME)} in env values, commands and arguments.
 *
 * <p>Source: the Kubernetes task pages on dependent environment variables. {@code $$} stands for
 * one dollar, an unknown or unfinished reference stays as it is, and what was expanded is not
 * expanded again.
 */
public final class EnvExpansion {

    private EnvExpansion() {}

    /** Finds what is not written in the manifest itself. */
    public interface Facts {
        /**
         * The value of a variable; empty when the container does without it.
         *
         * @throws IOException when it cannot be had; the message is for the user
         */
        Optional<String> value(EnvVar.Source source) throws IOException;

        /**
         * Every variable that a source has, by name without the prefix; none when the container
         * does without it.
         *
         * @throws IOException when it cannot be had; the message is for the user
         */
        Map<String, String> values(ConfigRef ref) throws IOException;
    }

    /**
     * Whole sources first, then the variables in order, each written one expanded by those before
     * it; of equal names the last value counts. What {@code facts} tell is taken as it is.
     */
    public static Map<String, String> resolve(List<EnvFrom> from, List<EnvVar> variables, Facts facts)
            throws IOException {
        Map<String, String> resolved = new LinkedHashMap<>();
        for (EnvFrom source : from) {
            new TreeMap<>(facts.values(source.ref()))
                    .forEach((key, value) -> resolved.put(source.prefix() + key, value));
        }
        for (EnvVar variable : variables) {
            switch (variable.source()) {
                case EnvVar.Literal literal -> resolved.put(variable.name(), expand(literal.value(), resolved));
                case EnvVar.Field _, EnvVar.Resource _, EnvVar.ConfigKey _, EnvVar.FileKey _ ->
                    facts.value(variable.source()).ifPresent(value -> resolved.put(variable.name(), value));
            }
        }
        return resolved;
    }

    /** Only the written variables: those of a probe's command, which knows no others. */
    public static Map<String, String> literals(List<EnvVar> variables) {
        Map<String, String> resolved = new LinkedHashMap<>();
        for (EnvVar variable : variables) {
            if (variable.source() instanceof EnvVar.Literal literal) {
                resolved.put(variable.name(), expand(literal.value(), resolved));
            }
        }
        return resolved;
    }

    /** Each text expanded by the same variables. */
    public static List<String> expandAll(List<String> texts, Map<String, String> variables) {
        return texts.stream().map(text -> expand(text, variables)).toList();
    }

    /**
     * One text expanded, whose references must all have a value.
     *
     * @throws IOException when one has none, in the words of the kubelet
     */
    public static String expandAllOf(String text, Map<String, String> variables) throws IOException {
        List<String> missing = new ArrayList<>();
        String expanded = expand(text, name -> {
            String value = variables.get(name);
            if (value == null) {
                missing.add(name);
            }
            return value;
        });
        if (!missing.isEmpty()) {
            throw new IOException("missing value for \"" + missing.getFirst() + "\"");
        }
        return expanded;
    }

    /** One text expanded. */
    public static String expand(String text, Map<String, String> variables) {
        return expand(text, variables::get);
    }

    /** @param variables null for what is none */
    private static String expand(String text, UnaryOperator<String> variables) {
        int dollar = text.indexOf('$');
        if (dollar < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16);
        int from = 0;
        while (dollar >= 0 && dollar + 1 < text.length()) {
            char next = text.charAt(dollar + 1);
            int close = next == '(' ? text.indexOf(')', dollar + 2) : -1;
            out.append(text, from, dollar);
            if (next == '$') {
                out.append('$');
                from = dollar + 2;
            } else if (close >= 0) {
                String value = variables.apply(text.substring(dollar + 2, close));
                out.append(value != null ? value : text.substring(dollar, close + 1));
                from = close + 1;
            } else {
                out.append('$');
                from = dollar + 1;
            }
            dollar = text.indexOf('$', from);
        }
        return out.append(text, from, text.length()).toString();
    }
}
