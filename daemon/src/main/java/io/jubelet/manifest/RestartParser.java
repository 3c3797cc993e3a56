/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.schema.PodFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses and validates the restart policy and rules of one container. */
final class RestartParser {

    private enum Operator {
        In,
        NotIn
    }

    private static final int MAX_RULES = 20;
    private static final int MAX_CODES = 255;

    private RestartParser() {}

    static ContainerRestart parse(FieldReader container) {
        if (!container.has("restartPolicy") && !container.has("restartPolicyRules")) {
            return ContainerRestart.AS_POD;
        }
        Optional<RestartPolicy> policy =
                Optional.ofNullable(choice(container, "restartPolicy", RestartPolicy.values()));
        List<ContainerRestart.Rule> rules = new ArrayList<>();
        for (FieldReader rule : container.mappings("restartPolicyRules", PodFields.RESTART_RULE)) {
            ContainerRestart.Action action = choice(rule, "action", ContainerRestart.Action.values());
            if (action == null && !rule.has("action")) {
                rule.error("action", "is required; write \"action: Restart\"");
            }
            FieldReader codes = rule.mapping("exitCodes", PodFields.EXIT_CODES);
            if (codes == null) {
                rule.error("exitCodes", "is required; write for example \"exitCodes: {operator: In, values: [42]}\"");
                continue;
            }
            Operator operator = choice(codes, "operator", Operator.values());
            if (operator == null && !codes.has("operator")) {
                codes.error("operator", "is required; write \"operator: In\"");
            }
            Set<Integer> values = codes(codes);
            if (action != null && operator != null) {
                rules.add(new ContainerRestart.Rule(action, operator == Operator.In, values));
            }
        }
        int count = container.items("restartPolicyRules").size();
        if (count > 0 && !container.has("restartPolicy")) {
            container.error(
                    "restartPolicy", "is required beside restartPolicyRules because it applies when no rule matches");
        }
        if (count > MAX_RULES) {
            container.error("restartPolicyRules", "has " + count + " rules; at most " + MAX_RULES + " are allowed");
        }
        return policy.isEmpty() && rules.isEmpty() ? ContainerRestart.AS_POD : new ContainerRestart(policy, rules);
    }

    /** Like {@link FieldReader#choice}, but an empty string is an error. */
    private static <E extends Enum<E>> @Nullable E choice(FieldReader reader, String name, E[] choices) {
        if (reader.has(name) && reader.text(name, "?").isEmpty()) {
            reader.error(name, "must not be empty; write one of " + List.of(choices) + ", or leave it out");
        }
        return reader.choice(name, choices);
    }

    private static Set<Integer> codes(FieldReader reader) {
        if (reader.items("values").size() > MAX_CODES) {
            reader.error(
                    "values", "has " + reader.items("values").size() + " codes; at most " + MAX_CODES + " are allowed");
        }
        Set<Integer> codes = new HashSet<>();
        int index = 0;
        for (Node item : reader.items("values")) {
            String path = reader.path("values") + "[" + index++ + "]";
            try {
                if (item instanceof Node.Scalar scalar && scalar.type() == Node.Type.INTEGER) {
                    codes.add(Integer.parseInt(scalar.value()));
                    continue;
                }
            } catch (NumberFormatException _) {
                // too large; reported below
            }
            reader.findings().error(item, path, "must be an exit code, but is " + item.describe());
        }
        return codes;
    }
}
