/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.config.FlagValues;
import io.jubelet.config.Setting;
import io.jubelet.config.SettingTable;
import io.jubelet.config.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the flags of {@code run} from the table of settings, as {@link Run} does with Picocli, if nothing is wrong with them.
 *
 * <p>A daemon runs for years, and Picocli with the model of a command line would stay in its memory: 4 MB, and a fifth of the
 * time to start. This class must therefore not refer to it.
 */
final class RunFlags {

    private RunFlags() {}

    /** Empty when Picocli has to explain something: the help, an unknown flag, a value that is missing or wrong. */
    static Optional<FlagValues> parse(List<String> arguments) {
        Map<Setting, String> values = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int equals = argument.indexOf('=');
            Optional<Setting> setting = SettingTable.flag(equals < 0 ? argument : argument.substring(0, equals));
            if (setting.isEmpty()) {
                return Optional.empty();
            }
            String value;
            String next = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
            if (equals >= 0) {
                value = argument.substring(equals + 1);
            } else if (setting.get().type() == ValueType.BOOLEAN) {
                boolean given = next.equals("true") || next.equals("false");
                value = given ? next : "true";
                i += given ? 1 : 0;
            } else if (next.isEmpty() || next.startsWith("-")) {
                return Optional.empty();
            } else {
                value = next;
                i++;
            }
            FlagValues.add(values, setting.get(), value);
        }
        FlagValues flags = new FlagValues(values);
        return flags.problems().isEmpty() ? Optional.of(flags) : Optional.empty();
    }
}
