/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Configurations that tests write as text. */
public final class Configs {

    static final Path FILE = Path.of("/etc/k/config.yaml");

    /** The name of this machine. */
    static final String HOSTNAME = "n";

    private static final String HEAD = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

    private Configs() {}

    /**
     * The flags of a command line.
     *
     * @param words each {@code --name=value}
     */
    static FlagValues flags(String... words) {
        Map<Setting, String> values = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            Setting setting = SettingTable.flag(word.substring(0, equals)).orElseThrow();
            FlagValues.add(values, setting, word.substring(equals + 1));
        }
        return new FlagValues(values);
    }

    /** Parses a file with the fields in {@code text} besides apiVersion and kind, which stand on its first two lines. */
    static LoadedConfig parse(String text, String... flags) {
        return parseWhole(HEAD + text, flags);
    }

    /** Parses a file whose whole content is {@code text}. */
    static LoadedConfig parseWhole(String text, String... flags) {
        return LoadedConfig.parse(flags(flags), text.getBytes(StandardCharsets.UTF_8), FILE, HOSTNAME);
    }

    /** Reads flags without a file. */
    public static LoadedConfig ofFlags(String... flags) {
        try {
            return LoadedConfig.load(flags(flags), HOSTNAME);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A configuration in which nothing is wrong. */
    public static DaemonConfig valid(LoadedConfig loaded) {
        assertEquals(List.of(), loaded.errors());
        assertEquals(List.of(), loaded.warnings());
        return loaded.config();
    }
}
