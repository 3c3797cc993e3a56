/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LocalConfigTest {

    private static final Secret SECRET =
            new Secret("default", "db", "Opaque", false, Map.of("password", Bytes.of("hunter2")));
    private static final ConfigMap CONFIG_MAP = new ConfigMap(
            "default", "web", false, Map.of("color", "blue"), Map.of("logo", Bytes.of(new byte[] {1, 2, 3})));

    @Test
    void toStringOfSecretShowsNoValue() {
        LocalConfig config = new LocalConfig(Map.of(), Map.of(new LocalConfig.Key("default", "db"), SECRET));

        assertEquals("Secret default/db", SECRET.toString());
        assertFalse(config.toString().contains("hunter2"), config.toString());
        assertEquals("7 bytes", SECRET.data().get("password").toString());
        assertEquals("{password=7 bytes}", SECRET.data().toString());
        assertEquals("ConfigMap default/web", CONFIG_MAP.toString());
    }

    @Test
    void findsAnObjectByNamespaceAndName() {
        LocalConfig config = new LocalConfig(
                Map.of(new LocalConfig.Key("default", "web"), CONFIG_MAP),
                Map.of(new LocalConfig.Key("default", "db"), SECRET));

        assertEquals(Optional.of(CONFIG_MAP), config.configMap("default", "web"));
        assertEquals(Optional.of(SECRET), config.secret("default", "db"));
        assertEquals(Optional.empty(), config.secret("other", "db"));
        assertEquals(Optional.empty(), config.configMap("default", "db"));
    }

    @Test
    void filesOfConfigMapHaveDataAndBinaryData() {
        assertEquals(Map.of("color", Bytes.of("blue"), "logo", Bytes.of(new byte[] {1, 2, 3})), CONFIG_MAP.files());
    }

    @Test
    void bytesAreImmutable() {
        byte[] given = {1, 2};
        Bytes bytes = Bytes.of(given);
        given[0] = 9;
        bytes.toArray()[1] = 9;

        assertArrayEquals(new byte[] {1, 2}, bytes.toArray());
        assertEquals(Bytes.of(new byte[] {1, 2}), bytes);
        assertNotEquals(Bytes.of(new byte[] {1, 3}), bytes);
    }

    @Test
    void textOfBytesIsEmptyUnlessUtf8() {
        assertEquals(Optional.of("é"), Bytes.of("é").text());
        assertEquals(Optional.empty(), Bytes.of(new byte[] {(byte) 0xff}).text());
    }
}
