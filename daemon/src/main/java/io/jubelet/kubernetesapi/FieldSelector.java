/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.api.ApiError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Chooses objects by fields, such as {@code status.phase=Running,metadata.name!=web}. Immutable. */
final class FieldSelector {

    /** How many requirements one selector may have. */
    static final int MAX_REQUIREMENTS = 100;

    private static final FieldSelector ALL = new FieldSelector(List.of());

    private record Requirement(String field, boolean same, String value) {}

    private final List<Requirement> requirements;

    private FieldSelector(List<Requirement> requirements) {
        this.requirements = requirements;
    }

    /**
     * Parses the parameter {@code fieldSelector}; an empty text chooses all objects. A backslash escapes a comma, an equals
     * sign or a backslash of a value.
     *
     * @throws ApiError a bad request, if it is malformed or too long
     */
    static FieldSelector parse(String text) {
        if (text.isBlank()) {
            return ALL;
        }
        List<Requirement> requirements = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i <= text.length(); i++) {
            char c = i == text.length() ? ',' : text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                part.append(c).append(text.charAt(++i));
            } else if (c != ',') {
                part.append(c);
            } else {
                if (!part.isEmpty()) {
                    requirements.add(requirement(text, part.toString()));
                }
                part.setLength(0);
            }
        }
        if (requirements.size() > MAX_REQUIREMENTS) {
            throw malformed(text);
        }
        return new FieldSelector(List.copyOf(requirements));
    }

    private static Requirement requirement(String text, String part) {
        int equals = part.indexOf('=');
        if (equals <= 0) {
            throw malformed(text);
        }
        boolean same = part.charAt(equals - 1) != '!';
        String field = part.substring(0, same ? equals : equals - 1).strip();
        String value = part.substring(part.startsWith("==", equals) ? equals + 2 : equals + 1);
        return new Requirement(field, same, value.replaceAll("\\\\(.)", "$1"));
    }

    private static ApiError malformed(String text) {
        return ApiError.badRequest("unable to parse fieldSelector \"" + text + "\": write FIELD=VALUE or FIELD!=VALUE,"
                + " at most " + MAX_REQUIREMENTS + " of them");
    }

    /**
     * Whether the fields of an object fulfil all requirements.
     *
     * @throws ApiError a bad request, if such objects have no field of a name for selectors
     */
    boolean matches(Map<String, String> fields) {
        boolean matches = true;
        for (Requirement each : requirements) {
            String value = fields.get(each.field());
            if (value == null) {
                throw ApiError.badRequest("field label not supported: " + each.field());
            }
            matches &= value.equals(each.value()) == each.same();
        }
        return matches;
    }
}
