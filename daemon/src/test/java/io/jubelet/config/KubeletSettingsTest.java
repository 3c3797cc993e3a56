/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The table of settings has every flag and every field of the kubelet, and reads its flags as flags of their type. */
class KubeletSettingsTest {

    private static final Set<String> OF_THE_PROGRAM = Set.of("--help", "--version");

    @Test
    void everyFlagAndFieldIsKnown() throws IOException {
        List<String> missing = new ArrayList<>();
        for (String release : KubeletSetting.RELEASES) {
            List<KubeletSetting> settings = KubeletSetting.of(release);
            assertTrue(settings.size() > 250, "settings are found: " + settings.size());
            for (KubeletSetting kubelet : settings) {
                if (row(kubelet).isEmpty() && !OF_THE_PROGRAM.contains(kubelet.name())) {
                    missing.add(release + " " + kubelet);
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void everyFlagIsReadAsItsType() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String release : KubeletSetting.RELEASES) {
            for (KubeletSetting kubelet : KubeletSetting.of(release)) {
                if (kubelet.isFlag()) {
                    row(kubelet)
                            .filter(setting -> !fits(setting, kubelet.type()))
                            .ifPresent(setting -> wrong.add(kubelet + " is a " + setting.type()));
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static boolean fits(Setting setting, String type) {
        ValueType ours = setting.type();
        return switch (type) {
            case "bool" -> ours == ValueType.BOOLEAN;
            case "duration" -> ours == ValueType.DURATION || setting.name().equals("--log-flush-frequency");
            case "int", "int32" -> ours == ValueType.NUMBER || ours == ValueType.PERCENT;
            case "int64" -> ours == ValueType.LONG_NUMBER;
            case "Level" -> ours == ValueType.LEVEL;
            case "stringSlice" -> ours == ValueType.NAMES || ours == ValueType.ADDRESSES;
            case "mapStringString" -> ours == ValueType.MAP || ours == ValueType.LABELS || ours == ValueType.THRESHOLDS;
            case "mapStringBool" -> ours == ValueType.FEATURE_GATES;
            case "ip" -> ours == ValueType.ADDRESS;
            default -> ours != ValueType.BOOLEAN && !ours.isList();
        };
    }

    private static Optional<Setting> row(KubeletSetting kubelet) {
        return SettingTable.all().stream()
                .filter(setting -> ReferencePages.isNamed(setting, kubelet.name()))
                .findFirst();
    }
}
