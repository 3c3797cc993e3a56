/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.GoDuration;
import io.jubelet.document.Node;
import io.jubelet.pod.Quantity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the values of settings: a flag wins over the file, which wins over the default. What does not fit is noted and read
 * as if it were absent. For one thread.
 */
final class SettingReader {

    private static final Duration SHORTEST_PERIOD = Duration.ofMillis(1);

    private final FlagValues flags;
    private final ConfigFiles files;
    private final Collection<Setting> rows;
    private final Findings findings;
    /** The flags that are no fields. */
    private final FieldReader commandLine;
    /** The fields of the file, and the flags that stand for fields. */
    private final FieldReader document;
    /** The mappings in the document that were opened, by path. */
    private final Map<String, FieldReader> opened = new HashMap<>();
    /** The fields as they are given, also those without effect. */
    private final Node.Mapping given;
    /** The values that were read, and so are in effect. */
    private final Map<Setting, Object> values = new HashMap<>();

    /**
     * @param files the configuration file and the drop-ins
     */
    SettingReader(FlagValues flags, ConfigFiles files, Findings findings) {
        this.flags = flags;
        this.files = files;
        // Without a file there can be no field that is misspelt, and the rows of the flags are all that is needed.
        this.rows = files.isEmpty() ? flags.values().keySet() : SettingTable.all();
        this.findings = findings;
        Node.Mapping fields = files.content();
        List<Node.Entry> others = new ArrayList<>();
        for (Map.Entry<Setting, String> flag : flags.values().entrySet()) {
            Setting setting = flag.getKey();
            if (setting.type() == ValueType.ADDRESS && flag.getValue().isEmpty()) {
                continue; // as with the kubelet, such a flag leaves the value of the file
            }
            Node value = setting.type().node(flag.getValue());
            if (setting.field().isPresent()) {
                fields = FieldPath.with(fields, setting.field().get(), value);
            } else {
                others.add(new Node.Entry(0, 0, setting.path(), value));
            }
        }
        this.commandLine = open(
                new Node.Mapping(0, 0, others),
                "",
                SettingTable.flagsWithoutField(flags.values().keySet()));
        this.given = fields;
        FieldTable table = SettingTable.fields(rows, "");
        this.document = FieldReader.open(IdleFields.without(fields, rows), table, SettingTable::tree, findings);
        openMappingsWithoutEffect();
    }

    /** Opens the mappings whose fields no class reads, so that their fields are checked. */
    private void openMappingsWithoutEffect() {
        for (Setting setting : rows) {
            String field = setting.field().orElse("");
            int dot = field.lastIndexOf('.');
            boolean ignored = dot > 0 && setting.use() != FieldTable.Use.HONOURED;
            if (ignored && document.has(field.substring(0, field.indexOf('.')))) {
                mapping(field.substring(0, dot));
            }
        }
    }

    private FieldReader open(Node.Mapping mapping, String path, FieldTable table) {
        FieldReader reader = FieldReader.open(mapping, path, table, findings);
        if (reader == null) {
            throw new IllegalStateException("a mapping cannot be opened: " + path);
        }
        return reader;
    }

    /** The fields as they are given by the files and the flags, also those without effect. */
    Node.Mapping given() {
        return given;
    }

    /** The values that were read, defaults included, and those that {@link #inEffect} replaced. */
    Map<Setting, Object> values() {
        return values;
    }

    /**
     * Notes the value that a setting really has.
     *
     * @param value a Boolean, a Number, a Duration, a list, or a map of texts; any other is shown as its text
     */
    <T> T inEffect(Setting setting, T value) {
        values.put(setting, value);
        return value;
    }

    /** Whether the configuration file or a drop-in has a field that is not empty. */
    boolean isInFile(Setting setting) {
        Node node = FieldPath.get(files.content(), setting.path());
        return node != null && !node.isEmpty();
    }

    /** Whether a flag or the file has a value. */
    boolean has(Setting setting) {
        return reader(setting).has(key(setting));
    }

    /** A text, or the default; empty when there is neither, and when the text is empty. */
    Optional<String> text(Setting setting) {
        String text = reader(setting).text(key(setting), "");
        Optional<String> result = text.isEmpty() ? setting.defaultValue() : Optional.of(text);
        if (result.isPresent()) {
            inEffect(setting, result.get());
        }
        return result;
    }

    /** A text as it is given, or the default. */
    String textOrEmpty(Setting setting) {
        return inEffect(
                setting,
                reader(setting).text(key(setting), setting.defaultValue().orElse("")));
    }

    /**
     * A path, or the default. A relative one is resolved against the directory of the file that contains it; that of a flag
     * against the current directory.
     */
    Optional<Path> path(Setting setting) {
        Optional<String> text = text(setting);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Node node = reader(setting).get(key(setting));
        Path path = Path.of(text.get());
        return Optional.of(inEffect(
                setting,
                node == null || node.line() == 0 || files.isEmpty()
                        ? path.toAbsolutePath()
                        : files.file(node.line()).orElseThrow().toAbsolutePath().resolveSibling(path)));
    }

    /** A path as it is given, or the default; noted when it is relative. */
    Optional<Path> absolutePath(Setting setting) {
        Optional<Path> path = text(setting).map(Path::of);
        if (path.isPresent() && !path.get().isAbsolute()) {
            error(setting, "must be an absolute path, but is " + path.get());
        }
        return path;
    }

    /** A boolean, or the default. */
    boolean flag(Setting setting) {
        return inEffect(
                setting,
                reader(setting)
                        .flag(
                                key(setting),
                                setting.defaultValue().orElse("false").equals("true")));
    }

    /** A whole number from {@code min} to {@code max}, or the default. */
    int integer(Setting setting, int min, int max) {
        return (int) number(setting, min, max);
    }

    /**
     * A whole number from 0 on, or the default. In a file 0 stands for the default, as with those fields of the kubelet that
     * cannot be told from absent ones; in a flag it stands for 0.
     */
    int integerOrDefault(Setting setting) {
        int value = integer(setting, 0, Integer.MAX_VALUE);
        return value == 0 && !isFlag(setting)
                ? inEffect(setting, Integer.parseInt(setting.defaultValue().orElseThrow()))
                : value;
    }

    /** A whole number from {@code min} to {@code max}, or the default, which is 0 where the table has none. */
    long number(Setting setting, long min, long max) {
        return inEffect(
                setting,
                reader(setting)
                        .integer(
                                key(setting),
                                Long.parseLong(setting.defaultValue().orElse("0")),
                                min,
                                max));
    }

    /** A number of bytes that is more than 0, or the default; the largest number for a negative one. */
    long size(Setting setting) {
        String text = reader(setting).text(key(setting), "");
        if (text.isEmpty()) {
            return defaultSize(setting);
        }
        inEffect(setting, text);
        try {
            long size = Quantity.parse(text).value();
            if (size != 0) {
                return size < 0 ? Long.MAX_VALUE : size;
            }
            error(setting, "must be more than 0, but is " + text);
        } catch (IllegalArgumentException e) {
            error(setting, String.valueOf(e.getMessage()));
        }
        return defaultSize(setting);
    }

    /** Defaults are mebibytes. The parser of quantities is not used, because its first use takes 12 ms. */
    private long defaultSize(Setting setting) {
        String text = inEffect(setting, setting.defaultValue().orElseThrow());
        return Long.parseLong(text.substring(0, text.indexOf("Mi"))) << 20;
    }

    /**
     * A duration of a millisecond or more. 0 stands for the default, as in a file of the kubelet. So does a shorter or negative
     * duration, which the kubelet takes and which makes no sense; that is told.
     */
    Duration period(Setting setting) {
        return periodOr(setting, defaultDuration(setting));
    }

    /** A duration of a millisecond or more, or {@code absent}, which 0 and shorter ones stand for. */
    Duration periodOr(Setting setting, Duration absent) {
        Optional<Duration> given = anyDuration(setting);
        if (given.isEmpty() || given.get().isZero()) {
            return inEffect(setting, absent);
        }
        if (given.get().compareTo(SHORTEST_PERIOD) < 0) {
            warn(setting, "must be 1ms or more; the default counts");
            return inEffect(setting, absent);
        }
        return inEffect(setting, given.get());
    }

    /**
     * A duration for which something is kept. In a file 0 stands for the default, as with the kubelet; in a flag it stands for
     * 0. A negative one counts as 0.
     */
    Duration retention(Setting setting) {
        Optional<Duration> given = anyDuration(setting);
        if (given.isEmpty() || (given.get().isZero() && !isFlag(setting))) {
            return inEffect(setting, defaultDuration(setting));
        }
        return inEffect(setting, given.get().isNegative() ? Duration.ZERO : given.get());
    }

    /** A duration from {@code min} to {@code max}; 0 stands for the default, as in a file of the kubelet. */
    Duration duration(Setting setting, Duration min, Duration max) {
        return inEffect(
                setting,
                givenDuration(setting)
                        .filter(given -> !given.isZero() && isWithin(setting, given, min, max))
                        .orElseGet(() -> defaultDuration(setting)));
    }

    /** A duration of 0 or more. In a file 0 stands for the default, as with the kubelet; in a flag it stands for 0. */
    Duration durationOrZero(Setting setting) {
        Optional<Duration> given = givenDuration(setting);
        if (given.isEmpty() || (given.get().isZero() && !isFlag(setting))) {
            return inEffect(setting, defaultDuration(setting));
        }
        return inEffect(setting, given.get());
    }

    /** Whether the value of a setting is that of a flag. */
    boolean isFlag(Setting setting) {
        return flags.values().containsKey(setting);
    }

    private Optional<Duration> givenDuration(Setting setting) {
        Optional<Duration> given = anyDuration(setting);
        if (given.isPresent() && given.get().isNegative()) {
            error(setting, "must not be negative, but is " + reader(setting).text(key(setting), ""));
            return Optional.empty();
        }
        return given;
    }

    private Optional<Duration> anyDuration(Setting setting) {
        String text = reader(setting).text(key(setting), "");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(GoDuration.parse(text));
        } catch (IllegalArgumentException e) {
            error(setting, String.valueOf(e.getMessage()));
        }
        return Optional.empty();
    }

    private boolean isWithin(Setting setting, Duration duration, Duration min, Duration max) {
        boolean within = duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0;
        if (!within) {
            error(setting, "must be from " + min.toMillis() + " ms to " + max.toSeconds() + " s");
        }
        return within;
    }

    private static Duration defaultDuration(Setting setting) {
        return GoDuration.parse(setting.defaultValue().orElseThrow());
    }

    /** The texts of a list, or those of the default. */
    List<String> texts(Setting setting) {
        if (!has(setting) && setting.defaultValue().isPresent()) {
            return inEffect(setting, List.of(setting.defaultValue().get().split(",")));
        }
        return inEffect(setting, reader(setting).texts(key(setting)));
    }

    /** The whole numbers of a list; empty when it is absent. */
    List<Integer> integers(Setting setting) {
        List<Integer> integers = new ArrayList<>();
        for (Node item : reader(setting).items(key(setting))) {
            if (item instanceof Node.Scalar scalar
                    && scalar.type() == Node.Type.INTEGER
                    && scalar.value().length() < 10) {
                integers.add(Integer.parseInt(scalar.value()));
            } else {
                error(setting, "must be a list of whole numbers, but has " + item.describe());
            }
        }
        return inEffect(setting, integers);
    }

    /** The texts of a mapping with free keys; empty when it is absent. */
    Map<String, String> textMap(Setting setting) {
        return inEffect(setting, reader(setting).textMap(key(setting)));
    }

    /** The mappings of a list, each opened with {@code table}; empty when it is absent. */
    List<FieldReader> mappings(Setting setting, FieldTable table) {
        return reader(setting).mappings(key(setting), table);
    }

    /** One of the constants of an enum, spelt as they are, or {@code absent}. */
    <E extends Enum<E>> E choice(Setting setting, E[] choices, E absent) {
        return inEffect(setting, reader(setting).choice(key(setting), choices, absent));
    }

    /** Notes that the value of a setting, or its absence, is wrong. */
    void error(Setting setting, String message) {
        reader(setting).error(key(setting), message);
    }

    /** Notes something that the user should know about the value of a setting. */
    void warn(Setting setting, String message) {
        reader(setting).warn(key(setting), message);
    }

    private FieldReader reader(Setting setting) {
        if (setting.field().isEmpty()) {
            return commandLine;
        }
        String field = setting.field().get();
        int dot = field.lastIndexOf('.');
        return dot < 0 ? document : mapping(field.substring(0, dot));
    }

    private static String key(Setting setting) {
        String path = setting.path();
        return setting.field().isEmpty() ? path : path.substring(path.lastIndexOf('.') + 1);
    }

    private FieldReader mapping(String path) {
        FieldReader known = opened.get(path);
        if (known != null) {
            return known;
        }
        int dot = path.lastIndexOf('.');
        FieldReader parent = dot < 0 ? document : mapping(path.substring(0, dot));
        FieldTable table = SettingTable.fields(rows, path);
        FieldReader reader = parent.mapping(path.substring(dot + 1), table);
        FieldReader result = reader == null ? open(FieldPath.EMPTY, path, table) : reader;
        opened.put(path, result);
        return result;
    }

    /** A finding with its place: the flag that has the value, or the file and the line. */
    String located(Finding finding) {
        if (finding.line() > 0 && !files.isEmpty()) {
            return files.located(finding);
        }
        for (Map.Entry<Setting, String> flag : flags.values().entrySet()) {
            if (finding.field().isPresent()
                    && isIn(finding.field().get(), flag.getKey().path())) {
                // "has no effect" is said of the flag, whatever its value.
                return finding.message().startsWith("has no effect")
                        ? flag.getKey().name() + " " + finding.message()
                        : flag.getKey().name() + "=" + flag.getValue() + ": " + finding.message();
            }
        }
        return files.located(finding);
    }

    private static boolean isIn(String field, String path) {
        return field.equals(path)
                || (field.startsWith(path)
                        && (field.charAt(path.length()) == '.' || field.charAt(path.length()) == '['));
    }
}
