/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import java.util.Collections;
import java.util.LinkedHashMap;
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
     * Adds a flag to those of a command line. The items of lists and the entries of maps that are given several times add up;
     * of other flags the last one counts, as with the kubelet.
     */
    public static void add(Map<Setting, String> values, Setting setting, String value) {
        String before = values.getOrDefault(setting, "");
        boolean first = before.isEmpty() || !setting.type().isList();
        values.put(setting, first ? value : value.isEmpty() ? before : before + "," + value);
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

    /** The verbosity of the log; 0 when it was not given. */
    public int verbosity() {
        String value = values.get(Settings.VERBOSITY);
        return value == null ? 0 : (int) Math.min(Settings.MAX_VERBOSITY, Long.parseLong(value));
    }
}
