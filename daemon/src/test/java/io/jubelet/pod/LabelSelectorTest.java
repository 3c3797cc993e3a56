/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelSelectorTest {

    private static final Map<String, String> LABELS =
            Map.of("app", "web", "k8s.io/tier", "front", "empty", "", "n", "5");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            app=web                            | true
            app==web                           | true
            app = web                          | true
            app=db                             | false
            app!=db                            | true
            app!=web                           | false
            other!=x                           | true
            other=                             | false
            empty=                             | true
            app                                | true
            other                              | false
            !other                             | true
            !app                               | false
            app in (db, web)                   | true
            app in (db)                        | false
            app notin (db)                     | true
            other notin (db)                   | true
            app notin (web,db)                 | false
            app=web,k8s.io/tier in (front,b)   | true
            app=web,k8s.io/tier=back           | false
            app=web,k8s.io/tier in (a,front),!x | true
            none in (db)                       | false
            n > 4                              | true
            n>5                                | false
            n<6                                | true
            app>1                              | false
            """)
    void choosesAsTheKubernetesApi(String selector, boolean chosen) {
        assertEquals(chosen, LabelSelector.parse(selector).matches(LABELS));
    }

    @Test
    void emptySelectorChoosesAll() {
        assertTrue(LabelSelector.parse(" ").matches(Map.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app=web,",
                "=web",
                "app in web",
                "app in (web",
                "app=a b",
                "a b",
                "app=web)",
                "!",
                "app>web",
                "a=b=c",
                "a,,b",
                "a='b'"
            })
    void malformedSelectorIsNamed(String selector) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> LabelSelector.parse(selector));
        assertTrue(refused.getMessage().contains("is not a condition for a label"), refused.getMessage());
    }

    @Test
    void numberOfConditionsIsLimited() {
        String most = "app,".repeat(LabelSelector.MAX_CONDITIONS - 1) + "app";
        assertTrue(LabelSelector.parse(most).matches(LABELS));
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> LabelSelector.parse(most + ",app"));
        assertTrue(refused.getMessage().contains("101 conditions"), refused.getMessage());
    }
}
