/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which labels in the domains of Kubernetes a node may set on itself. With others, the admission
 * plugin NodeRestriction rejects the whole Node, so that it is never registered. Pure.
 *
 * <p>Source: the Kubernetes page on well-known labels, and that on admission controllers.
 */
final class LabelRestriction {

    private static final Set<String> ALLOWED_KEYS = Set.of(
            "kubernetes.io/hostname",
            "kubernetes.io/os",
            "kubernetes.io/arch",
            "beta.kubernetes.io/os",
            "beta.kubernetes.io/arch",
            "beta.kubernetes.io/instance-type",
            "node.kubernetes.io/instance-type",
            "topology.kubernetes.io/zone",
            "topology.kubernetes.io/region",
            "failure-domain.beta.kubernetes.io/zone",
            "failure-domain.beta.kubernetes.io/region");

    private LabelRestriction() {}

    /** Returns the labels that the node may set. */
    static Map<String, String> allowed(Map<String, String> labels) {
        Map<String, String> allowed = new HashMap<>(labels);
        allowed.keySet().removeIf(key -> !allows(key));
        return allowed;
    }

    /** Returns the sorted keys of the labels that the node may not set. */
    static List<String> rejected(Map<String, String> labels) {
        List<String> rejected = new ArrayList<>(labels.keySet());
        rejected.removeIf(LabelRestriction::allows);
        rejected.sort(null);
        return rejected;
    }

    private static boolean allows(String key) {
        int slash = key.indexOf('/');
        String domain = slash < 0 ? "" : key.substring(0, slash);
        boolean kubernetes = within(domain, "kubernetes.io") || within(domain, "k8s.io");
        return !kubernetes
                || ALLOWED_KEYS.contains(key)
                || within(domain, "kubelet.kubernetes.io")
                || within(domain, "node.kubernetes.io");
    }

    private static boolean within(String domain, String of) {
        return domain.equals(of) || domain.endsWith("." + of);
    }
}
