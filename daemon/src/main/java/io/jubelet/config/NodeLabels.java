/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Settings.NODE_LABELS;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The labels of the node, which {@code nodeSelector} and {@code nodeAffinity} of a pod may require. */
public final class NodeLabels {

    private NodeLabels() {}

    /** Reads {@code key=value,key=value}. A key that a cluster would not let a node set is accepted. */
    static Map<String, String> parse(SettingReader settings) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String label : settings.texts(NODE_LABELS)) {
            int equals = label.indexOf('=');
            // As with the kubelet, a key alone has an empty value.
            String key = equals < 0 ? label : label.substring(0, equals).strip();
            String value = equals < 0 ? "" : label.substring(equals + 1).strip();
            int slash = key.indexOf('/');
            boolean prefix = slash < 0 || (slash > 0 && slash <= 253);
            if (prefix && isWord(key.substring(slash + 1)) && (value.isEmpty() || isWord(value))) {
                labels.put(key, value);
            } else {
                settings.error(
                        NODE_LABELS,
                        "the node label \"" + label
                                + "\" must be a key, '=' and a value, such as example.com/disk=ssd");
            }
        }
        return labels;
    }

    /**
     * All labels of a node: the well-known ones, and those of the configuration.
     *
     * @param arch the architecture as Go names it, such as {@code amd64}
     */
    public static Map<String, String> of(String nodeName, String arch, Map<String, String> given) {
        Map<String, String> labels = new HashMap<>(given);
        labels.put("kubernetes.io/hostname", nodeName);
        labels.put("kubernetes.io/os", "linux");
        labels.put("kubernetes.io/arch", arch);
        labels.put("beta.kubernetes.io/os", "linux");
        labels.put("beta.kubernetes.io/arch", arch);
        return labels;
    }

    private static boolean isWord(String text) {
        boolean fits = !text.isEmpty() && text.length() <= 63;
        for (int i = 0; fits && i < text.length(); i++) {
            char c = text.charAt(i);
            boolean inner = (c == '-' || c == '_' || c == '.') && i > 0 && i < text.length() - 1;
            fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || inner;
        }
        return fits;
    }
}
