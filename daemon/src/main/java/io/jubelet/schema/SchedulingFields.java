/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import io.jubelet.document.FieldTable;

/**
 * The fields for the scheduler. Apart from {@link PodFields} so that the class is loaded only for
 * manifests with such fields.
 */
public final class SchedulingFields {

    private static final String SCHEDULED = "a static pod is not scheduled: it runs on the node with its file";

    public static final FieldTable TOLERATION = FieldTable.of("a toleration")
            .noEffect(SCHEDULED, "key", "operator", "value", "effect", "tolerationSeconds");

    public static final FieldTable SPREAD = FieldTable.of("a topology spread constraint")
            .noEffect(
                    SCHEDULED,
                    "maxSkew",
                    "topologyKey",
                    "whenUnsatisfiable",
                    "labelSelector",
                    "minDomains",
                    "nodeAffinityPolicy",
                    "nodeTaintsPolicy",
                    "matchLabelKeys");

    public static final FieldTable SELECTOR =
            FieldTable.of("a label selector").noEffect(SCHEDULED, "matchLabels", "matchExpressions");

    public static final FieldTable SELECTOR_EXPRESSION =
            FieldTable.of("an expression of a label selector").noEffect(SCHEDULED, "key", "operator", "values");

    private SchedulingFields() {}
}
