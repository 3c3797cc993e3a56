/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.FieldTable;
import io.jubelet.document.Spelling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the command line of {@code jubelet run} as pflag, the library of the kubelet, reads that of a kubelet.
 *
 * <p>A flag is written {@code --flag=value} or {@code --flag value}, where the next word is the value whatever it looks like.
 * A boolean alone means true, and never takes the next word. {@code -v} also takes its value without a separator. An
 * underscore in a name counts as a dash. {@code --} ends the flags. Unlike pflag, this class goes on after the first mistake,
 * so that the user sees all of them. For one thread.
 */
public final class FlagParser {

    /** What a command line asks for. */
    public enum Request {
        RUN,
        /** The help, by {@code -h} or {@code --help}. */
        HELP,
        /** The version, by {@code --version}. */
        VERSION
    }

    /**
     * A command line that was read.
     *
     * @param flags the flags that were given
     * @param problems what is wrong, in the order of the command line; empty when nothing is
     */
    public record Result(FlagValues flags, Request request, List<String> problems) {
        public Result {
            problems = List.copyOf(problems);
        }

        /** Whether the daemon is to run with these flags. */
        public boolean isRunnable() {
            return request == Request.RUN && problems.isEmpty();
        }
    }

    private static final String HELP = "--help";
    private static final String VERSION = "--version";

    private final List<String> words;
    private final Map<Setting, String> values = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private Request request = Request.RUN;
    private int at;
    /** The flag before the current word if it is a boolean that stands alone. */
    private @Nullable Setting lone;

    private FlagParser(List<String> words) {
        this.words = words;
    }

    /** Reads the words behind {@code run}. */
    public static Result parse(List<String> words) {
        FlagParser parser = new FlagParser(words);
        parser.parse();
        return new Result(new FlagValues(parser.values), parser.request, parser.problems);
    }

    private void parse() {
        while (at < words.size()) {
            String word = words.get(at++);
            Setting before = lone;
            lone = null;
            if (word.length() < 2 || word.charAt(0) != '-') {
                unexpected(word, before);
            } else if (word.equals("--")) {
                if (at < words.size()) {
                    unexpected(words.get(at), null);
                }
                return;
            } else if (word.charAt(1) == '-') {
                longFlag(word);
            } else {
                shorthands(word);
            }
        }
    }

    private void unexpected(String word, @Nullable Setting before) {
        String hint = before == null || ValueType.BOOLEAN.canonical(word).isEmpty()
                ? ""
                : "; write " + before.name() + "=" + word + ", as with the kubelet";
        problems.add("unexpected argument " + word + hint);
    }

    private void longFlag(String word) {
        int equals = word.indexOf('=');
        String name = (equals < 0 ? word : word.substring(0, equals)).replace('_', '-');
        @Nullable String value = equals < 0 ? null : word.substring(equals + 1);
        if (name.equals(HELP) || name.equals(VERSION)) {
            request(name, value);
            return;
        }
        Optional<Setting> setting = SettingTable.flag(name);
        if (setting.isEmpty()) {
            problems.add("unknown option " + word + similar(name));
        } else if (value != null) {
            add(setting.get(), value);
        } else if (setting.get().type() == ValueType.BOOLEAN) {
            lone = setting.get();
            add(setting.get(), "true");
        } else if (at < words.size()) {
            add(setting.get(), words.get(at++));
        } else {
            problems.add(name + " needs a value: write " + name + "="
                    + setting.get().type().placeholder());
        }
    }

    private static String similar(String name) {
        List<String> names = new ArrayList<>();
        for (Setting setting : SettingTable.all()) {
            names.addAll(setting.flags());
        }
        String close = Spelling.closest(name, names);
        return close == null ? "" : "; did you mean " + close + "?";
    }

    /** {@code -v4}, {@code -v=4}, {@code -v 4}, {@code -h}. */
    private void shorthands(String word) {
        for (int i = 1; i < word.length(); i++) {
            if (word.charAt(i) == 'h') {
                request = Request.HELP;
                continue;
            }
            if (word.charAt(i) != 'v') {
                problems.add("unknown option " + word);
                return;
            }
            String rest = word.substring(i + 1);
            if (!rest.isEmpty()) {
                add(Settings.VERBOSITY, rest.length() > 1 && rest.charAt(0) == '=' ? rest.substring(1) : rest);
            } else if (at < words.size()) {
                add(Settings.VERBOSITY, words.get(at++));
            } else {
                problems.add("-v needs a value: write -v="
                        + Settings.VERBOSITY.type().placeholder());
            }
            return;
        }
    }

    private void request(String name, @Nullable String value) {
        // With --version=v1.36.1 a kubelet runs, and reports that version.
        boolean off = value != null
                && (value.startsWith("v") || ValueType.BOOLEAN.canonical(value).equals(Optional.of("false")));
        if (!off && request == Request.RUN) {
            request = name.equals(HELP) ? Request.HELP : Request.VERSION;
        }
    }

    private void add(Setting setting, String value) {
        if (setting.use() == FieldTable.Use.IGNORED || setting.use() == FieldTable.Use.NO_EFFECT) {
            FlagValues.add(values, setting, value);
            return;
        }
        Optional<String> canonical = setting.type().canonical(value);
        if (canonical.isPresent()) {
            FlagValues.add(values, setting, canonical.get());
        } else {
            problems.add(setting.name() + "=" + value + ": "
                    + setting.type().problem(value).orElseThrow());
        }
    }
}
