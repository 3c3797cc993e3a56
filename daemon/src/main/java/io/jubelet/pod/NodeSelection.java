/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * On which nodes a pod may run: {@code nodeSelector} and the required part of {@code nodeAffinity}. Pure.
 *
 * @param labels that the node must have, all of them
 * @param terms at least one of which the node must satisfy; empty when there is no affinity
 */
public record NodeSelection(Map<String, String> labels, List<Term> terms) {

    /** A pod that may run anywhere. */
    public static final NodeSelection ANY = new NodeSelection(Map.of(), List.of());

    /** How the value of a label or field is compared. The constants are spelled as in the API. */
    public enum Operator {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        Gt,
        Lt
    }

    /**
     * One requirement.
     *
     * @param key of a label, or {@code metadata.name} among the fields
     * @param values none with Exists and DoesNotExist, one with Gt and Lt
     */
    public record Requirement(String key, Operator operator, List<String> values) {
        public Requirement {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(operator, "operator");
            values = List.copyOf(values);
        }

        /** @param value of the label; null when the node does not have the label */
        boolean allows(@Nullable String value) {
            return switch (operator) {
                case In -> value != null && values.contains(value);
                case NotIn -> value == null || !values.contains(value);
                case Exists -> value != null;
                case DoesNotExist -> value == null;
                case Gt -> compares(value, 1);
                case Lt -> compares(value, -1);
            };
        }

        private boolean compares(@Nullable String value, int wanted) {
            try {
                return value != null
                        && Integer.signum(Long.compare(Long.parseLong(value), Long.parseLong(values.getFirst())))
                                == wanted;
            } catch (NumberFormatException _) {
                return false;
            }
        }

        private String mismatch(@Nullable String value) {
            if (value == null) {
                return "has no label " + key + (operator == Operator.Exists ? "" : " (" + this + ")");
            }
            return "has the label " + key + "=" + value + " (" + this + ")";
        }

        @Override
        public String toString() {
            return switch (operator) {
                case In, NotIn -> key + " " + operator + " " + values;
                case Exists, DoesNotExist -> key + " " + operator;
                case Gt, Lt -> key + " " + operator + " " + values.getFirst();
            };
        }
    }

    /**
     * Requirements that a node must all satisfy. No node satisfies a term without requirements.
     *
     * @param labels about labels of the node
     * @param fields about the node's name
     */
    public record Term(List<Requirement> labels, List<Requirement> fields) {
        public Term {
            labels = List.copyOf(labels);
            fields = List.copyOf(fields);
        }

        boolean allows(String node, Map<String, String> labelsOfNode) {
            return !(labels.isEmpty() && fields.isEmpty())
                    && labels.stream().allMatch(demand -> demand.allows(labelsOfNode.get(demand.key())))
                    && fields.stream().allMatch(demand -> demand.allows(node));
        }

        private Stream<String> mismatches(String node, Map<String, String> labelsOfNode) {
            if (labels.isEmpty() && fields.isEmpty()) {
                return Stream.of("does not match a term without requirements");
            }
            Stream<String> label = labels.stream()
                    .filter(demand -> !demand.allows(labelsOfNode.get(demand.key())))
                    .map(demand -> demand.mismatch(labelsOfNode.get(demand.key())));
            Stream<String> name = fields.stream()
                    .filter(demand -> !demand.allows(node))
                    .map(demand -> "is named " + node + " (" + demand + ")");
            return Stream.concat(label, name);
        }
    }

    public NodeSelection {
        labels = Map.copyOf(labels);
        terms = List.copyOf(terms);
    }

    /**
     * Whether the pod can run on a node.
     *
     * @param node name of the node
     * @param labelsOfNode all labels of the node
     */
    public boolean allows(String node, Map<String, String> labelsOfNode) {
        return labelsOfNode.entrySet().containsAll(labels.entrySet()) && matchesTerm(node, labelsOfNode);
    }

    private boolean matchesTerm(String node, Map<String, String> labelsOfNode) {
        return terms.isEmpty() || terms.stream().anyMatch(term -> term.allows(node, labelsOfNode));
    }

    /**
     * Explains why the pod cannot run on a node, for example {@code has no label rack (rack=r7)}; empty if it can.
     *
     * @param node name of the node
     * @param labelsOfNode all labels of the node
     */
    public String mismatch(String node, Map<String, String> labelsOfNode) {
        Stream<String> selector = labels.entrySet().stream()
                .filter(wanted -> !wanted.getValue().equals(labelsOfNode.get(wanted.getKey())))
                .sorted(Map.Entry.comparingByKey())
                .map(wanted -> {
                    String value = labelsOfNode.get(wanted.getKey());
                    return (value == null
                                    ? "has no label " + wanted.getKey()
                                    : "has the label " + wanted.getKey() + "=" + value)
                            + " (" + wanted + ")";
                });
        Stream<String> affinity = matchesTerm(node, labelsOfNode)
                ? Stream.empty()
                : terms.stream().flatMap(term -> term.mismatches(node, labelsOfNode));
        return Stream.concat(selector, affinity).distinct().collect(Collectors.joining(", "));
    }
}
