/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The canonical form of quantities. The expected ones are those of {@code resource.Quantity} of apimachinery 0.36. */
class QuantityTest {

    @ParameterizedTest
    @CsvSource(textBlock = """
                    0, 0
                    0Mi, 0
                    100m, 100m
                    0.5, 500m
                    1000m, 1
                    1500m, 1500m
                    0.1, 100m
                    1000, 1k
                    1000000, 1M
                    1500, 1500
                    1e3, 1e3
                    12e2, 1200
                    1E, 1E
                    1E3, 1e3
                    1e-3, 1e-3
                    1024Ki, 1Mi
                    1024Mi, 1Gi
                    1.5Gi, 1536Mi
                    0.1Ki, 102400m
                    1000Ki, 1000Ki
                    1023Ki, 1023Ki
                    0.5Mi, 512Ki
                    128M, 128M
                    1.5Ki, 1536
                    1.3Ki, 1331200m
                    123456789, 123456789
                    0.0001, 100u
                    8Ei, 9223372036854775807
                    7Pi, 7Pi
                    1048576, 1048576
                    """)
    void canonicalFormIsThatOfTheApiServer(String written, String canonical) {
        assertEquals(canonical, Quantity.parse(written).canonical());
        assertEquals(0, Quantity.parse(canonical).compareTo(Quantity.parse(written)));
    }

    @Test
    void sumIsWrittenAsItsFirstSummandThatIsNotZero() {
        assertEquals(
                "128036Ki", Quantity.parse("64Mi").plus(Quantity.parse("64M")).toString());
        assertEquals("1", Quantity.parse("500m").plus(Quantity.parse("0.5")).toString());
        assertEquals("64Mi", Quantity.parse("0").plus(Quantity.parse("64Mi")).toString());
    }

    @Test
    void quantitiesOfTheRuntimeAreCanonical() {
        assertEquals("128Mi", Quantity.bytes(134_217_728).canonical());
        assertEquals("1500", Quantity.bytes(1500).canonical());
        assertEquals("1500m", Quantity.ofMilli(1500).canonical());
        assertEquals("2", Quantity.ofMilli(2000).canonical());
    }
}
