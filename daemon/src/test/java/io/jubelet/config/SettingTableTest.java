/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.FieldTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SettingTableTest {

    @Test
    void everyFlagAndEveryFieldIsDeclaredOnce() {
        Set<String> names = new HashSet<>();
        for (Setting setting : SettingTable.all()) {
            assertTrue(setting.hasFlag() || setting.field().isPresent(), setting.text());
            setting.flags().forEach(flag -> assertTrue(names.add(flag), flag));
            setting.field().ifPresent(field -> assertTrue(names.add(field), field));
        }
    }

    @Test
    void everyFlagIsFound() {
        for (Setting setting : SettingTable.all()) {
            for (String flag : setting.flags()) {
                assertEquals(setting, SettingTable.flag(flag).orElseThrow());
            }
        }
        for (String unknown : List.of("--register-nodes", "--network-plugin", "-w", "root-dir", "")) {
            assertTrue(SettingTable.flag(unknown).isEmpty(), unknown);
        }
    }

    @Test
    void everyDefaultIsAValueOfItsType() {
        for (Setting setting : SettingTable.all()) {
            setting.defaultValue()
                    .ifPresent(value -> assertTrue(
                            setting.type().problem(value).isEmpty(), () -> setting + " has the default " + value));
        }
    }

    /** A row that no class reads would be a flag that is accepted in silence and has no effect. */
    @Test
    void everySettingThatIsHonouredHasAnEffectWhenItIsWrong() {
        List<String> silent = new ArrayList<>();
        for (Setting setting : SettingTable.all()) {
            boolean checked = switch (setting.type()) {
                case DURATION, BOOLEAN, NUMBER, PERCENT, LONG_NUMBER, SIZE, ADDRESS, ADDRESSES, URI -> true;
                default -> false;
            };
            if (setting.hasFlag()
                    && checked
                    && setting.use() == FieldTable.Use.HONOURED
                    && Configs.ofFlags(setting.name() + "=,wrong,").errors().isEmpty()) {
                silent.add(setting.name());
            }
        }
        // It is read only where the port is open.
        assertEquals(List.of("--anonymous-auth"), silent);
        assertFalse(Configs.ofFlags("--port=1", "--client-ca-file=/a", "--kubeconfig=/k", "--anonymous-auth=wrong")
                .errors()
                .isEmpty());
    }
}
