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
import java.util.Objects;
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
     *
     * @param size to which each variable is added
     * @throws IOException when a variable has no value, or they are larger than {@code size} allows; the message is for the user
     */
    public static Map<String, String> resolve(List<EnvFrom> from, List<EnvVar> variables, Facts facts, ProcessSize size)
            throws IOException {
        Map<String, String> resolved = new LinkedHashMap<>();
        for (EnvFrom source : from) {
            for (Map.Entry<String, String> each : new TreeMap<>(facts.values(source.ref())).entrySet()) {
                put(resolved, source.prefix() + each.getKey(), each.getValue(), size);
            }
        }
        for (EnvVar variable : variables) {
            switch (variable.source()) {
                case EnvVar.Literal literal -> putLiteral(resolved, variable.name(), literal, size);
                case EnvVar.Field _, EnvVar.Resource _, EnvVar.ConfigKey _, EnvVar.FileKey _ -> {
                    Optional<String> value = facts.value(variable.source());
                    if (value.isPresent()) {
                        put(resolved, variable.name(), value.get(), size);
                    }
                }
            }
        }
        return resolved;
    }

    private static void putLiteral(Map<String, String> resolved, String name, EnvVar.Literal literal, ProcessSize size)
            throws IOException {
        put(resolved, name, expand("the environment variable " + name, literal.value(), resolved::get), size);
    }

    private static void put(Map<String, String> resolved, String name, String value, ProcessSize size)
            throws IOException {
        size.addVariable(name, value);
        resolved.put(name, value);
    }

    /**
     * The variables with literal values. The command of a probe is expanded with these alone, as in
     * the kubelet.
     *
     * @throws IOException when they are larger than {@link ProcessSize} allows; the message is for the user
     */
    public static Map<String, String> literals(List<EnvVar> variables) throws IOException {
        Map<String, String> resolved = new LinkedHashMap<>();
        ProcessSize size = new ProcessSize(true);
        for (EnvVar variable : variables) {
            if (variable.source() instanceof EnvVar.Literal literal) {
                putLiteral(resolved, variable.name(), literal, size);
            }
        }
        return resolved;
    }

    /**
     * What a container is started with.
     *
     * @param env the environment variables by name, in their order
     * @param command the expanded strings of the command
     * @param arguments the expanded arguments
     */
    public record Expanded(Map<String, String> env, List<String> command, List<String> arguments) {
        public Expanded {
            Objects.requireNonNull(env, "env");
            command = List.copyOf(command);
            arguments = List.copyOf(arguments);
        }
    }

    /**
     * Expands the command and the arguments of a container with its variables.
     *
     * @param size which has the variables already, and to which each string is added
     * @throws IOException when they are larger than {@code size} allows; the message is for the user
     */
    public static Expanded expand(ContainerProcess process, Map<String, String> env, ProcessSize size)
            throws IOException {
        return new Expanded(
                env, expandAll("command", process.command(), env, size), expandAll("args", process.args(), env, size));
    }

    /**
     * Expands each string of a command with the same variables.
     *
     * @throws IOException when it is larger than {@link ProcessSize} allows; the message is for the user
     */
    public static List<String> expand(List<String> command, Map<String, String> variables) throws IOException {
        return expandAll("command", command, variables, new ProcessSize(true));
    }

    private static List<String> expandAll(
            String field, List<String> texts, Map<String, String> variables, ProcessSize size) throws IOException {
        List<String> expanded = new ArrayList<>(texts.size());
        for (String text : texts) {
            String what = field + "[" + expanded.size() + "]";
            String value = expand(what, text, variables::get);
            size.addString(what, value);
            expanded.add(value);
        }
        return expanded;
    }

    /**
     * Expands a string whose references must all have a value.
     *
     * @throws IOException when a reference has no value; the message is the kubelet's
     */
    public static String expandAllOf(String text, Map<String, String> variables) throws IOException {
        List<String> missing = new ArrayList<>();
        String expanded = expand("subPathExpr", text, name -> {
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

    private interface Variables {
        /** The value of a variable; null for an unknown name. */
        @Nullable
        String get(String name);
    }

    /** @param what the subject of the message when the string is too long */
    private static String expand(String what, String text, Variables variables) throws IOException {
        int dollar = text.indexOf('$');
        if (dollar < 0) {
            return text;
        }
        if (text.length() >= ProcessSize.MAX_STRING) {
            throw ProcessSize.tooLong(what);
        }
        StringBuilder out = new StringBuilder(text.length() + 16);
        int lastClose = text.lastIndexOf(')');
        int from = 0;
        while (dollar >= 0 && dollar + 1 < text.length()) {
            char next = text.charAt(dollar + 1);
            int close = next == '(' && dollar < lastClose ? text.indexOf(')', dollar + 2) : -1;
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
            if (out.length() >= ProcessSize.MAX_STRING) {
                throw ProcessSize.tooLong(what);
            }
            dollar = text.indexOf('$', from);
        }
        return out.append(text, from, text.length()).toString();
    }
}
