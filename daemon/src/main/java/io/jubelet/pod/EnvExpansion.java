package io.jubelet.pod;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Expansion of {@code $(NAME)} in env values, commands and arguments.
 *
 * <p>Source: the Kubernetes task pages on dependent environment variables. {@code $$} stands for one dollar, an unknown
 * or unfinished reference stays as it is, and what was expanded is not expanded again.
 */
public final class EnvExpansion {

    private EnvExpansion() {}

    /** The variables in order, each expanded by those before it; of equal names the last value counts. */
    public static Map<String, String> resolve(List<EnvVar> variables) {
        Map<String, String> resolved = new LinkedHashMap<>();
        for (EnvVar variable : variables) {
            String value = switch (variable.source()) {
                case EnvVar.Literal literal -> literal.value();
                case EnvVar.Field _, EnvVar.Resource _, EnvVar.FileKey _ ->
                    throw new IllegalArgumentException("the parser refuses " + variable);
            };
            resolved.put(variable.name(), expand(value, resolved));
        }
        return resolved;
    }

    /** Each text expanded by the same variables. */
    public static List<String> expandAll(List<String> texts, Map<String, String> variables) {
        return texts.stream().map(text -> expand(text, variables)).toList();
    }

    /** One text expanded. */
    public static String expand(String text, Map<String, String> variables) {
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
