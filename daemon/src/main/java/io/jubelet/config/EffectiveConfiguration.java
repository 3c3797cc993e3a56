/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.FieldTable;
import io.jubelet.document.GoDuration;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The KubeletConfiguration that is in effect, as the kubelet shows its own: fields that have an effect with the values that
 * were read, defaults included, and fields without effect as they were configured. Stateless.
 */
final class EffectiveConfiguration {

    /** Headers of HTTP requests, which can have a password. They have no effect. */
    private static final String HEADERS = "staticPodURLHeader";

    private EffectiveConfiguration() {}

    /**
     * The configuration as JSON.
     *
     * @param settings from which all sections have been read
     */
    static String json(SettingReader settings) {
        Node.Mapping fields = FieldPath.EMPTY;
        List<Setting> rows = SettingTable.all();
        for (Setting setting : rows) {
            Optional<String> path = setting.field();
            Optional<Node> value = path.isEmpty() ? Optional.empty() : value(settings, setting);
            if (value.isPresent()) {
                fields = FieldPath.with(fields, path.orElseThrow(), value.get());
            }
        }
        return JsonText.of(fields);
    }

    private static Optional<Node> value(SettingReader settings, Setting setting) {
        if (setting == Settings.API_VERSION || setting == Settings.KIND) {
            return Optional.of(text(setting == Settings.KIND ? ConfigFiles.KIND : ConfigFiles.API_VERSION));
        }
        if (setting.use() == FieldTable.Use.REFUSED || setting.path().equals(HEADERS)) {
            return Optional.empty();
        }
        Object value = settings.values().get(setting);
        return value == null
                ? Optional.ofNullable(FieldPath.get(settings.given(), setting.path()))
                : Optional.of(node(value));
    }

    private static Node node(Object value) {
        return switch (value) {
            case Boolean flag -> scalar(Node.Type.BOOLEAN, flag.toString());
            case Number number -> scalar(Node.Type.INTEGER, number.toString());
            case Duration duration -> text(GoDuration.text(duration));
            case List<?> list -> {
                List<Node> items = new ArrayList<>(list.size());
                for (Object item : list) {
                    items.add(node(item));
                }
                yield new Node.Sequence(0, 0, items);
            }
            case Map<?, ?> map -> {
                List<Node.Entry> entries = new ArrayList<>(map.size());
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    entries.add(new Node.Entry(0, 0, entry.getKey().toString(), node(entry.getValue())));
                }
                yield new Node.Mapping(0, 0, entries);
            }
            default -> text(value.toString());
        };
    }

    private static Node text(String value) {
        return scalar(Node.Type.STRING, value);
    }

    private static Node scalar(Node.Type type, String value) {
        return new Node.Scalar(0, 0, type, value, value);
    }
}
