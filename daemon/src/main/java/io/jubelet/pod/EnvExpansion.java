/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Expansion of {@code $(NAME)} in env values, commands and arguments.
 *
 * <p>Source: the Kubernetes task pages on dependent environment variables. {@code $$} becomes one dollar, a
 * reference that is unknown or has no closing parenthesis stays as it is, and expanded values are
 * not expanded again.
 */
public final class EnvExpansion {

    private EnvExpansion() {}

    /** Provides values that the manifest does not contain. */
    public interface Facts {
        /**
         * The value of a variable; empty when an optional source is missing.
         *
         * @throws IOException when the source is missing or unreadable; the message is for the user
         */
        Optional<String> value(EnvVar.Source source) throws IOException;

        /**
         * All variables of a source by name without the prefix; none when an optional source is missing.
         *
         * @throws IOException when the source is missing or unreadable; the message is for the user
         */
        Map<String, String> values(ConfigRef ref) throws IOException;
    }

    /**
     * Resolves the variables of a container: first {@code envFrom}, then {@code env} in its order.
     * A literal value is expanded with the variables before it, and the last of several equal names
     * wins. Values from {@code facts} are not expanded.
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

    /**
     * The variables with literal values. The command of a probe is expanded with these alone, as in
     * the kubelet.
     */
    public static Map<String, String> literals(List<EnvVar> variables) {
        Map<String, String> resolved = new LinkedHashMap<>();
        for (EnvVar variable : variables) {
            if (variable.source() instanceof EnvVar.Literal literal) {
                resolved.put(variable.name(), expand(literal.value(), resolved));
            }
        }
        return resolved;
    }

    /** Expands each string with the same variables. */
    public static List<String> expandAll(List<String> texts, Map<String, String> variables) {
        return texts.stream().map(text -> expand(text, variables)).toList();
    }

    /**
     * Expands a string whose references must all have a value.
     *
     * @throws IOException when a reference has no value; the message is the kubelet's
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

    /** Expands one string. */
    public static String expand(String text, Map<String, String> variables) {
        return expand(text, variables::get);
    }

    private interface Variables {
        /** The value of a variable; null for an unknown name. */
        @Nullable
        String get(String name);
    }

    private static String expand(String text, Variables variables) {
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
                String value = variables.get(text.substring(dollar + 2, close));
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
