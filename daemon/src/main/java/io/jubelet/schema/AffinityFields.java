/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import io.jubelet.document.FieldTable;

/**
 * The fields of affinity. Apart from {@link PodFields} so that the class is loaded only for
 * manifests with such fields.
 */
public final class AffinityFields {

    private static final String PREFERENCE =
            "it is a preference among nodes, and a static pod runs on the node with its file";
    private static final String OTHER_PODS =
            "it constrains the choice of a node, and a static pod runs on the node with its file";

    public static final FieldTable AFFINITY =
            FieldTable.of("affinity").honoured("nodeAffinity").noEffect(OTHER_PODS, "podAffinity", "podAntiAffinity");

    public static final FieldTable NODE = FieldTable.of("nodeAffinity")
            .honoured("requiredDuringSchedulingIgnoredDuringExecution")
            .noEffect(PREFERENCE, "preferredDuringSchedulingIgnoredDuringExecution");

    public static final FieldTable SELECTOR = FieldTable.of("a node selector").honoured("nodeSelectorTerms");

    public static final FieldTable TERM =
            FieldTable.of("a node selector term").honoured("matchExpressions", "matchFields");

    public static final FieldTable REQUIREMENT =
            FieldTable.of("a node selector requirement").honoured("key", "operator", "values");

    public static final FieldTable PREFERRED =
            FieldTable.of("a preferred scheduling term").noEffect(PREFERENCE, "weight", "preference");

    public static final FieldTable POD = FieldTable.of("podAffinity")
            .noEffect(
                    OTHER_PODS,
                    "requiredDuringSchedulingIgnoredDuringExecution",
                    "preferredDuringSchedulingIgnoredDuringExecution");

    public static final FieldTable POD_ANTI = FieldTable.of("podAntiAffinity")
            .noEffect(
                    OTHER_PODS,
                    "requiredDuringSchedulingIgnoredDuringExecution",
                    "preferredDuringSchedulingIgnoredDuringExecution");

    public static final FieldTable POD_TERM = FieldTable.of("a pod affinity term")
            .noEffect(
                    OTHER_PODS,
                    "labelSelector",
                    "namespaces",
                    "topologyKey",
                    "namespaceSelector",
                    "matchLabelKeys",
                    "mismatchLabelKeys");

    public static final FieldTable WEIGHTED =
            FieldTable.of("a weighted pod affinity term").noEffect(OTHER_PODS, "weight", "podAffinityTerm");

    private AffinityFields() {}
}
