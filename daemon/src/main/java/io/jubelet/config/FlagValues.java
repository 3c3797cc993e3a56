/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.FieldTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The flags of one command line of {@code jubelet run}. Immutable.
 *
 * @param values the text of each flag that was given, in the order of the command line; a list has commas between its items
 */
public record FlagValues(Map<Setting, String> values) {

    /** No flag. */
    public static final FlagValues NONE = new FlagValues(Map.of());

    public FlagValues {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * Adds a flag to those of a command line. The items of lists that are given several times add up; of other flags the last
     * one counts, as with the kubelet.
     */
    public static void add(Map<Setting, String> values, Setting setting, String value) {
        String before = values.get(setting);
        values.put(setting, before == null || !setting.type().isList() ? value : before + "," + value);
    }

    /** The value of a flag; empty when it was not given. */
    public Optional<String> value(Setting setting) {
        return Optional.ofNullable(values.get(setting));
    }

    /** These flags, and {@code value} for a flag that is not among them. */
    public FlagValues withDefault(Setting setting, String value) {
        if (values.containsKey(setting)) {
            return this;
        }
        Map<Setting, String> more = new LinkedHashMap<>(values);
        more.put(setting, value);
        return new FlagValues(more);
    }

    /**
     * What is wrong with the values of flags that are honoured, such as {@code --max-pods=many: must be a whole number}. Whether
     * they are in their ranges is checked when the configuration is read.
     */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (Map.Entry<Setting, String> flag : values.entrySet()) {
            Optional<String> problem = flag.getKey().type().problem(flag.getValue());
            if (problem.isPresent() && flag.getKey().use() == FieldTable.Use.HONOURED) {
                problems.add(flag.getKey().name() + "=" + flag.getValue() + ": " + problem.get());
            }
        }
        return problems;
    }

    /** The verbosity of the log; 0 when it was not given, or is not a number of at most 9 digits. */
    public int verbosity() {
        String value = values.get(Settings.VERBOSITY);
        return value == null
                        || value.length() > 9
                        || Settings.VERBOSITY.type().problem(value).isPresent()
                ? 0
                : Integer.parseInt(value);
    }
}
