/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.FieldTable;
import io.jubelet.document.GoDuration;
import io.jubelet.document.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Fields that have no effect here, or are refused, but ask for nothing: they have the default of the kubelet, are 0 or are
 * empty. kubeadm writes many of them. They are neither told nor refused.
 */
final class IdleFields {

    private IdleFields() {}

    /**
     * A mapping without them.
     *
     * @param rows the settings that can be in it
     */
    static Node.Mapping without(Node.Mapping mapping, Collection<Setting> rows) {
        Node.Mapping left = mapping;
        for (Setting setting : rows) {
            boolean ignored = setting.use() == FieldTable.Use.IGNORED || setting.use() == FieldTable.Use.REFUSED;
            if (ignored && setting.field().isPresent()) {
                left = without(left, setting.field().get(), setting);
            }
        }
        return left;
    }

    private static Node.Mapping without(Node.Mapping mapping, String path, Setting setting) {
        int dot = path.indexOf('.');
        String key = dot < 0 ? path : path.substring(0, dot);
        Node value = mapping.get(key);
        if (value == null || (dot < 0 && !asksForNothing(value) && !isDefault(value, setting))) {
            return mapping;
        }
        if (dot > 0 && !(value instanceof Node.Mapping)) {
            return mapping;
        }
        List<Node.Entry> entries = new ArrayList<>(mapping.entries().size());
        for (Node.Entry entry : mapping.entries()) {
            if (!entry.key().equals(key)) {
                entries.add(entry);
            } else if (entry.value() instanceof Node.Mapping inner && dot > 0) {
                Node.Mapping left = without(inner, path.substring(dot + 1), setting);
                entries.add(new Node.Entry(entry.line(), entry.column(), key, left));
            }
        }
        return new Node.Mapping(mapping.line(), mapping.column(), entries);
    }

    private static boolean isDefault(Node node, Setting setting) {
        String usual = setting.defaultValue().orElse("");
        if (usual.isEmpty() || !(node instanceof Node.Scalar scalar)) {
            return false;
        }
        String value = scalar.value();
        return value.equals(usual)
                || (setting.type() == ValueType.DURATION
                        && GoDuration.isDuration(value)
                        && GoDuration.parse(value).equals(GoDuration.parse(usual)));
    }

    private static boolean asksForNothing(Node node) {
        return switch (node) {
            case Node.Scalar scalar ->
                scalar.isEmpty()
                        || scalar.value().equals("0s")
                        || scalar.value().equals("0");
            case Node.Sequence sequence -> sequence.items().stream().allMatch(IdleFields::asksForNothing);
            case Node.Mapping mapping -> mapping.entries().stream().allMatch(entry -> asksForNothing(entry.value()));
        };
    }
}
