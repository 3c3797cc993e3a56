package io.jubelet.desired;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.RestartPolicy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Restart policy and rules of one container: from the document to records. */
final class RestartParser {

    private enum Operator {
        In,
        NotIn
    }

    private RestartParser() {}

    static ContainerRestart parse(FieldReader container) {
        Optional<RestartPolicy> policy =
                Optional.ofNullable(container.choice("restartPolicy", RestartPolicy.values(), null));
        List<ContainerRestart.Rule> rules = new ArrayList<>();
        for (FieldReader rule : container.mappings("restartPolicyRules", PodFields.RESTART_RULE)) {
            ContainerRestart.Action action = rule.choice("action", ContainerRestart.Action.values(), null);
            if (action == null && !rule.has("action")) {
                rule.error("action", "is required; write \"action: Restart\"");
            }
            FieldReader codes = rule.mapping("exitCodes", PodFields.EXIT_CODES);
            if (codes == null) {
                rule.error("exitCodes", "is required; write for example \"exitCodes: {operator: In, values: [42]}\"");
                continue;
            }
            Operator operator = codes.choice("operator", Operator.values(), null);
            if (operator == null && !codes.has("operator")) {
                codes.error("operator", "is required; write \"operator: In\"");
            }
            Set<Integer> values = codes(codes);
            if (action != null && operator != null) {
                rules.add(new ContainerRestart.Rule(action, operator == Operator.In, values));
            }
        }
        return policy.isEmpty() && rules.isEmpty() ? ContainerRestart.AS_POD : new ContainerRestart(policy, rules);
    }

    private static Set<Integer> codes(FieldReader reader) {
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
                // larger than any exit code
            }
            reader.findings().error(item, path, "must be an exit code, and this is " + item.describe());
        }
        return codes;
    }
}
