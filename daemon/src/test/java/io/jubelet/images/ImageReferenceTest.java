/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {

    @ParameterizedTest
    @CsvSource({
        "busybox, busybox:latest",
        "busybox:1.36, busybox:1.36",
        "localhost:5000/a/b, localhost:5000/a/b:latest",
        "localhost:5000/a__b/c-d:v1, localhost:5000/a__b/c-d:v1",
        "REGISTRY.example.org/a, REGISTRY.example.org/a:latest",
        "[fd00::1]:5000/a, [fd00::1]:5000/a:latest"
    })
    void addsTheTagThatIsMissing(String image, String normalized) {
        assertEquals(Optional.of(normalized), ImageReference.normalized(image));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@sha256:", "a:t@sha256:"})
    void addsNothingToADigest(String prefix) {
        String image = prefix + "0".repeat(64);
        assertEquals(Optional.of(image), ImageReference.normalized(image));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Busybox",
                "a b",
                "a:",
                ":a",
                "a//b",
                "a@sha256:1",
                "https://example.org/a",
                "a:b:c",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
            })
    void refusesWhatIsNoReference(String image) {
        assertEquals(Optional.empty(), ImageReference.normalized(image));
    }
}
