/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses objects by their labels, in the syntax of the Kubernetes API: {@code app=web,tier in (front,back),!old}. Immutable.
 */
public final class LabelSelector {

    /** How many conditions one selector may have. */
    static final int MAX_CONDITIONS = 100;

    private static final String KEY = "[A-Za-z0-9][-A-Za-z0-9_./]*";
    private static final Pattern EQUAL = Pattern.compile("(" + KEY + ")\\s*(==?|!=)\\s*([-A-Za-z0-9_.]*)");
    private static final Pattern SET = Pattern.compile("(" + KEY + ")\\s+(in|notin)\\s*\\(([^()]*)\\)");
    private static final Pattern NUMBER = Pattern.compile("(" + KEY + ")\\s*([<>])\\s*(-?[0-9]{1,18})");
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");
    private static final Pattern EXISTS = Pattern.compile("(!?)\\s*(" + KEY + ")");

    /** A condition for one label. */
    private record Requirement(String key, Condition condition) {}

    private interface Condition {
        /** @param value null if the object does not have the label */
        boolean holds(@Nullable String value);
    }

    private final List<Requirement> requirements;

    private LabelSelector(List<Requirement> requirements) {
        this.requirements = List.copyOf(requirements);
    }

    /**
     * Parses a selector; an empty text chooses all objects.
     *
     * @throws IllegalArgumentException if it is malformed; the message is for the user
     */
    public static LabelSelector parse(String text) {
        List<Requirement> requirements = new ArrayList<>();
        if (!text.isBlank()) {
            List<String> parts = split(text);
            if (parts.size() > MAX_CONDITIONS) {
                throw new IllegalArgumentException("the selector has " + parts.size() + " conditions; at most "
                        + MAX_CONDITIONS + " are possible");
            }
            for (String part : parts) {
                requirements.add(requirement(part.strip()));
            }
        }
        return new LabelSelector(requirements);
    }

    /** Splits at the commas that are not in parentheses. */
    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int begin = 0;
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                parts.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        parts.add(text.substring(begin));
        return parts;
    }

    private static Requirement requirement(String text) {
        Matcher equal = EQUAL.matcher(text);
        if (equal.matches()) {
            String wanted = equal.group(3);
            boolean differs = equal.group(2).equals("!=");
            return new Requirement(equal.group(1), value -> wanted.equals(value) != differs);
        }
        Matcher set = SET.matcher(text);
        if (set.matches()) {
            Set<String> values =
                    Arrays.stream(set.group(3).split(",")).map(String::strip).collect(Collectors.toUnmodifiableSet());
            boolean in = set.group(2).equals("in");
            return new Requirement(set.group(1), value -> (value != null && values.contains(value)) == in);
        }
        Matcher number = NUMBER.matcher(text);
        if (number.matches()) {
            long limit = Long.parseLong(number.group(3));
            boolean greater = number.group(2).equals(">");
            return new Requirement(
                    number.group(1),
                    value -> value != null
                            && INTEGER.matcher(value).matches()
                            && (greater ? Long.parseLong(value) > limit : Long.parseLong(value) < limit));
        }
        Matcher exists = EXISTS.matcher(text);
        if (exists.matches()) {
            boolean wanted = exists.group(1).isEmpty();
            return new Requirement(exists.group(2), value -> (value != null) == wanted);
        }
        throw new IllegalArgumentException(
                "\"" + text + "\" is not a condition for a label; write KEY=VALUE, KEY!=VALUE,"
                        + " KEY in (A,B), KEY notin (A,B), KEY>NUMBER, KEY<NUMBER, KEY or !KEY");
    }

    /** Whether an object with these labels is chosen. */
    public boolean matches(Map<String, String> labels) {
        Objects.requireNonNull(labels, "labels");
        return requirements.stream().allMatch(each -> each.condition().holds(labels.get(each.key())));
    }
}
