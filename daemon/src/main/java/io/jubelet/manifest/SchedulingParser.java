/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.schema.Names;
import io.jubelet.schema.SchedulingFields;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Validates the fields for the scheduler. They have no effect here, but an API server must accept
 * the manifest too.
 */
final class SchedulingParser {

    private enum Preemption {
        PreemptLowerPriority,
        Never
    }

    private enum Effect {
        NoSchedule,
        PreferNoSchedule,
        NoExecute
    }

    private enum TolerationOperator {
        Equal,
        Exists
    }

    private enum Unsatisfiable {
        DoNotSchedule,
        ScheduleAnyway
    }

    private enum Inclusion {
        Honor,
        Ignore
    }

    private enum SelectorOperator {
        In,
        NotIn,
        Exists,
        DoesNotExist
    }

    private SchedulingParser() {}

    static void check(FieldReader spec) {
        if (spec.has("preemptionPolicy")) {
            required(spec, "preemptionPolicy", Preemption.values());
        }
        for (FieldReader toleration : spec.mappings("tolerations", SchedulingFields.TOLERATION)) {
            toleration(toleration);
        }
        Set<String> seen = new HashSet<>();
        for (FieldReader constraint : spec.mappings("topologySpreadConstraints", SchedulingFields.SPREAD)) {
            spread(constraint, seen);
        }
    }

    private static void toleration(FieldReader toleration) {
        String key = toleration.text("key", "");
        String value = toleration.text("value", "");
        TolerationOperator operator =
                toleration.choice("operator", TolerationOperator.values(), TolerationOperator.Equal);
        if (!key.isEmpty()) {
            toleration.note("key", Names.checkKey(key));
        } else if (operator != TolerationOperator.Exists) {
            toleration.error("operator", "must be Exists when there is no key");
        }
        if (operator == TolerationOperator.Equal) {
            toleration.note("value", Names.checkLabelValue(value));
        } else if (!value.isEmpty()) {
            toleration.error("value", "must be left out when the operator is Exists");
        }
        Effect effect = toleration.choice("effect", Effect.values());
        if (toleration.has("tolerationSeconds")) {
            toleration.integer("tolerationSeconds", 0, Long.MIN_VALUE, Long.MAX_VALUE);
            if (effect != Effect.NoExecute) {
                toleration.error("effect", "must be NoExecute when tolerationSeconds is set");
            }
        }
    }

    private static void spread(FieldReader constraint, Set<String> seen) {
        if (!constraint.has("maxSkew")) {
            constraint.error("maxSkew", "is required; write for example \"maxSkew: 1\"");
        }
        constraint.integer("maxSkew", 1, 1, Integer.MAX_VALUE);
        String key = constraint.requiredText("topologyKey", "kubernetes.io/hostname");
        Unsatisfiable what = required(constraint, "whenUnsatisfiable", Unsatisfiable.values());
        if (key != null && what != null && !seen.add(key + " " + what)) {
            constraint.error("topologyKey", "another constraint has the same topologyKey and whenUnsatisfiable");
        }
        if (constraint.has("minDomains")) {
            constraint.integer("minDomains", 1, 1, Integer.MAX_VALUE);
            if (what != Unsatisfiable.DoNotSchedule) {
                constraint.error("minDomains", "can be set only with \"whenUnsatisfiable: DoNotSchedule\"");
            }
        }
        inclusion(constraint, "nodeAffinityPolicy");
        inclusion(constraint, "nodeTaintsPolicy");
        FieldReader selector = constraint.mapping("labelSelector", SchedulingFields.SELECTOR);
        if (selector != null) {
            selector(selector);
        }
        List<String> keys = constraint.texts("matchLabelKeys");
        if (!keys.isEmpty() && !constraint.has("labelSelector")) {
            constraint.error("matchLabelKeys", "must not be set without labelSelector");
        }
        for (String labelKey : keys) {
            constraint.noteItem("matchLabelKeys", labelKey, Names.checkKey(labelKey));
        }
    }

    private static void inclusion(FieldReader constraint, String name) {
        if (constraint.has(name)) {
            required(constraint, name, Inclusion.values());
        }
    }

    /** Validates a label selector. */
    static void selector(FieldReader selector) {
        Map<String, String> labels = selector.textMap("matchLabels");
        LabelCheck.check(selector, "matchLabels", labels);
        for (FieldReader expression : selector.mappings("matchExpressions", SchedulingFields.SELECTOR_EXPRESSION)) {
            String key = expression.requiredText("key", "app");
            if (key != null) {
                expression.note("key", Names.checkKey(key));
            }
            SelectorOperator operator = required(expression, "operator", SelectorOperator.values());
            List<Node> values = expression.items("values");
            boolean wanted = operator == SelectorOperator.In || operator == SelectorOperator.NotIn;
            if (operator != null && wanted == values.isEmpty()) {
                expression.error("values", wanted ? "must have at least one value" : "must be left out");
            }
            for (String value : expression.texts("values")) {
                expression.noteItem("values", value, Names.checkLabelValue(value));
            }
        }
    }

    /** One of the constants of an enum; null, with a finding, when the value is absent or another. */
    static <E extends Enum<E>> @Nullable E required(FieldReader reader, String name, E[] choices) {
        if (reader.text(name, "").isEmpty()) {
            reader.error(name, "must be one of " + List.of(choices));
        }
        return reader.choice(name, choices);
    }
}
