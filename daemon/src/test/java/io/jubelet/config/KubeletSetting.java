/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A flag or a field of the kubelet of a release, as {@code tools/kubelet-settings.sh} lists them.
 *
 * @param name of the flag with its dashes, or the path of the field
 * @param type the type of pflag, or the kind of the field in Go
 */
record KubeletSetting(boolean isFlag, String name, String type) {

    static final List<String> RELEASES = List.of("1.36", "1.37");

    /** What the kubelet of a release takes. */
    static List<KubeletSetting> of(String release) throws IOException {
        List<KubeletSetting> settings = new ArrayList<>();
        for (String line : lines("settings-" + release + ".txt")) {
            String[] words = line.split(" ", 3);
            settings.add(new KubeletSetting(
                    words[0].equals("flag"), words[1].substring(words[1].indexOf(',') + 1), words[2]));
        }
        return settings;
    }

    static Map<String, List<KubeletSetting>> byRelease() throws IOException {
        Map<String, List<KubeletSetting>> releases = new TreeMap<>();
        for (String release : RELEASES) {
            releases.put(release, of(release));
        }
        return releases;
    }

    /** The lines of a file that {@code tools/kubelet-settings.sh} reads or writes. */
    static List<String> lines(String name) throws IOException {
        try (InputStream in = KubeletSetting.class.getResourceAsStream("/kubelet/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
