/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.pod.NodeSelection;
import io.jubelet.pod.NodeSelection.Operator;
import io.jubelet.pod.NodeSelection.Requirement;
import io.jubelet.pod.NodeSelection.Term;
import io.jubelet.schema.AffinityFields;
import io.jubelet.schema.Names;
import io.jubelet.schema.SchedulingFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses and validates the nodeSelector and affinity of a pod. Parts for the scheduler have no
 * effect here, and are only validated, so that an API server accepts the manifest too.
 */
final class AffinityParser {

    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
    private static final int MAX_WEIGHT = 100;

    private AffinityParser() {}

    static NodeSelection parse(FieldReader spec) {
        Map<String, String> labels = spec.textMap("nodeSelector");
        LabelCheck.check(spec, "nodeSelector", labels);
        List<Term> terms = List.of();
        FieldReader affinity = spec.mapping("affinity", AffinityFields.AFFINITY);
        if (affinity != null) {
            FieldReader node = affinity.mapping("nodeAffinity", AffinityFields.NODE);
            terms = node == null ? List.of() : nodes(node);
            ofPods(affinity.mapping("podAffinity", AffinityFields.POD));
            ofPods(affinity.mapping("podAntiAffinity", AffinityFields.POD_ANTI));
        }
        return new NodeSelection(labels, terms);
    }

    // --- nodes

    private static List<Term> nodes(FieldReader affinity) {
        List<Term> terms = new ArrayList<>();
        FieldReader required = affinity.mapping(REQUIRED, AffinityFields.SELECTOR);
        if (required != null) {
            if (required.items("nodeSelectorTerms").isEmpty()) {
                required.error("nodeSelectorTerms", "must have at least one term");
            }
            for (FieldReader term : required.mappings("nodeSelectorTerms", AffinityFields.TERM)) {
                terms.add(term(term, true));
            }
        }
        for (FieldReader preferred : affinity.mappings(PREFERRED, AffinityFields.PREFERRED)) {
            weight(preferred);
            FieldReader preference = preferred.mapping("preference", AffinityFields.TERM);
            if (preference != null) {
                term(preference, false);
            }
        }
        return terms;
    }

    private static Term term(FieldReader term, boolean checkValues) {
        List<Requirement> labels = new ArrayList<>();
        for (FieldReader requirement : term.mappings("matchExpressions", AffinityFields.REQUIREMENT)) {
            String key = requirement.text("key", "");
            requirement.note("key", Names.checkKey(key));
            Operator operator = SchedulingParser.required(requirement, "operator", Operator.values());
            List<String> values = requirement.texts("values");
            if (operator != null) {
                note(requirement, wrongValueCount(operator, values.size()));
            }
            if (checkValues) {
                values.forEach(value -> note(requirement, Names.checkLabelValue(value)));
            }
            add(labels, key, operator, values);
        }
        List<Requirement> fields = new ArrayList<>();
        for (FieldReader requirement : term.mappings("matchFields", AffinityFields.REQUIREMENT)) {
            fields.addAll(field(requirement));
        }
        return new Term(labels, fields);
    }

    private static List<Requirement> field(FieldReader requirement) {
        String key = requirement.text("key", "");
        if (!key.equals("metadata.name")) {
            requirement.error("key", "must be metadata.name, the only field of a node that can be matched");
        }
        Operator operator = SchedulingParser.required(requirement, "operator", Operator.values());
        if (operator != null && operator != Operator.In && operator != Operator.NotIn) {
            requirement.error("operator", "must be In or NotIn for a field");
        }
        List<String> values = requirement.texts("values");
        if (values.size() != 1) {
            requirement.error("values", "must have exactly one value, the name of a node");
        }
        values.forEach(value -> note(requirement, Names.checkSubdomain(value)));
        List<Requirement> parsed = new ArrayList<>();
        add(parsed, key, operator, values);
        return parsed;
    }

    /** Adds a requirement if it is valid; otherwise there is a finding, and the manifest is not used. */
    private static void add(List<Requirement> all, String key, @Nullable Operator operator, List<String> values) {
        if (operator != null && wrongValueCount(operator, values.size()) == null) {
            all.add(new Requirement(key, operator, values));
        }
    }

    private static void note(FieldReader requirement, @Nullable String wrong) {
        requirement.note("values", wrong);
    }

    private static @Nullable String wrongValueCount(Operator operator, int values) {
        return switch (operator) {
            case In, NotIn -> values == 0 ? "must have at least one value" : null;
            case Exists, DoesNotExist -> values > 0 ? "must be left out" : null;
            case Gt, Lt -> values != 1 ? "must have exactly one value, a whole number" : null;
        };
    }

    // --- other pods

    private static void ofPods(@Nullable FieldReader affinity) {
        if (affinity == null) {
            return;
        }
        affinity.mappings(REQUIRED, AffinityFields.POD_TERM).forEach(AffinityParser::podTerm);
        for (FieldReader weighted : affinity.mappings(PREFERRED, AffinityFields.WEIGHTED)) {
            weight(weighted);
            FieldReader term = weighted.mapping("podAffinityTerm", AffinityFields.POD_TERM);
            if (term == null) {
                weighted.error(
                        "podAffinityTerm", "is required; write below it \"topologyKey: kubernetes.io/hostname\"");
            } else {
                podTerm(term);
            }
        }
    }

    private static void podTerm(FieldReader term) {
        String key = term.requiredText("topologyKey", "kubernetes.io/hostname");
        if (key != null) {
            term.note("topologyKey", Names.checkKey(key));
        }
        for (String name : List.of("labelSelector", "namespaceSelector")) {
            FieldReader selector = term.mapping(name, SchedulingFields.SELECTOR);
            if (selector != null) {
                SchedulingParser.selector(selector);
            }
        }
        term.texts("namespaces")
                .forEach(namespace -> term.noteItem("namespaces", namespace, Names.checkLabel(namespace)));
        List<String> matching = keys(term, "matchLabelKeys");
        List<String> others = keys(term, "mismatchLabelKeys");
        if (matching.stream().anyMatch(others::contains)) {
            term.error("matchLabelKeys", "must not have a key that mismatchLabelKeys has too");
        }
    }

    private static List<String> keys(FieldReader term, String name) {
        List<String> keys = term.texts(name);
        if (!keys.isEmpty() && !term.has("labelSelector")) {
            term.error(name, "must not be set without labelSelector");
        }
        keys.forEach(key -> term.noteItem(name, key, Names.checkKey(key)));
        return keys;
    }

    private static void weight(FieldReader preferred) {
        if (!preferred.has("weight")) {
            preferred.error("weight", "is required; write for example \"weight: 1\"");
        }
        preferred.integer("weight", 1, 1, MAX_WEIGHT);
    }
}
