/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.api.ApiError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Chooses objects by their labels, such as {@code app=web,tier in (a,b),!old}. Immutable. */
final class LabelSelector {

    /** How many requirements one selector may have. */
    static final int MAX_REQUIREMENTS = 100;

    private static final String KEY = "[A-Za-z0-9][-A-Za-z0-9_./]*";
    private static final Pattern SET = Pattern.compile("(" + KEY + ")\\s+(in|notin)\\s*\\(([^()]*)\\)");
    private static final Pattern EQUAL = Pattern.compile("(" + KEY + ")\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)");
    private static final Pattern NUMBER = Pattern.compile("(" + KEY + ")\\s*([<>])\\s*(-?[0-9]{1,18})");
    private static final Pattern EXISTS = Pattern.compile("(!?)\\s*(" + KEY + ")");
    private static final LabelSelector ALL = new LabelSelector(List.of());

    /** One condition. */
    private interface Requirement {
        /** @param value of the label; null if it is absent */
        boolean matches(@Nullable String value);
    }

    private record Named(String key, Requirement requirement) {}

    private final List<Named> requirements;

    private LabelSelector(List<Named> requirements) {
        this.requirements = requirements;
    }

    /**
     * Parses the parameter {@code labelSelector}; an empty text chooses all objects.
     *
     * @throws ApiError a bad request, if it is malformed or too long
     */
    static LabelSelector parse(String text) {
        if (text.isBlank()) {
            return ALL;
        }
        List<Named> requirements = new ArrayList<>();
        int at = 0;
        for (int i = 0, depth = 0; i <= text.length(); i++) {
            char c = i == text.length() ? ',' : text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                requirements.add(requirement(text, text.substring(at, i).strip()));
                at = i + 1;
            }
        }
        if (at <= text.length() || requirements.size() > MAX_REQUIREMENTS) {
            throw malformed(text);
        }
        return new LabelSelector(List.copyOf(requirements));
    }

    private static Named requirement(String text, String part) {
        Matcher set = SET.matcher(part);
        if (set.matches()) {
            Set<String> values =
                    Arrays.stream(set.group(3).split(",")).map(String::strip).collect(Collectors.toSet());
            boolean in = set.group(2).equals("in");
            return new Named(set.group(1), value -> value == null ? !in : values.contains(value) == in);
        }
        Matcher equal = EQUAL.matcher(part);
        if (equal.matches()) {
            String wanted = equal.group(3);
            boolean same = !equal.group(2).equals("!=");
            return new Named(equal.group(1), value -> value == null ? !same : value.equals(wanted) == same);
        }
        Matcher number = NUMBER.matcher(part);
        if (number.matches()) {
            long limit = Long.parseLong(number.group(3));
            boolean greater = number.group(2).equals(">");
            return new Named(
                    number.group(1),
                    value -> value != null
                            && value.matches("-?[0-9]{1,18}")
                            && (greater ? Long.parseLong(value) > limit : Long.parseLong(value) < limit));
        }
        Matcher exists = EXISTS.matcher(part);
        if (exists.matches()) {
            boolean wanted = exists.group(1).isEmpty();
            return new Named(exists.group(2), value -> (value != null) == wanted);
        }
        throw malformed(text);
    }

    private static ApiError malformed(String text) {
        return ApiError.badRequest("unable to parse labelSelector \"" + text + "\": write KEY=VALUE, KEY!=VALUE,"
                + " KEY in (A,B), KEY notin (A,B), KEY or !KEY, at most " + MAX_REQUIREMENTS + " of them");
    }

    /** Whether the labels of an object fulfil all requirements. */
    boolean matches(Map<String, String> labels) {
        for (Named each : requirements) {
            if (!each.requirement().matches(labels.get(each.key()))) {
                return false;
            }
        }
        return true;
    }
}
