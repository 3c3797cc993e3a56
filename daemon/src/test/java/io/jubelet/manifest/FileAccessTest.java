/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileAccessTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 600 0 0 0       | ",
                "0 664 0 0 0       | ",
                "0 755 0 5 0       | ",
                "0 664 0 5 0       | gid 5 > chmod go-w /m/a.yaml",
                "0 666 0 5 0       | every user > chmod go-w /m/a.yaml",
                "0 777 0 0 0       | every user > chmod go-w /m/a.yaml",
                "0 600 7 0 0       | 'uid 7, which owns it > chown 0 /m/a.yaml'",
                "0 666 7 0 0       | 'uid 7, which owns it and by every user > chown 0 /m/a.yaml && chmod go-w /m/a.yaml'",
                "1000 664 1000 7 0 | ",
                "1000 644 0 0 0    | ",
                "1000 644 7 0 0    | 'uid 7, which owns it > chown 1000 /m/a.yaml'",
            })
    void namesWhoCanChangeAManifest(String daemonModeOwnerGroup, String expected) {
        String[] numbers = daemonModeOwnerGroup.split(" ");
        FileAccess access = new FileAccess(
                Integer.parseInt(numbers[1], 8) | 0100000,
                Integer.parseInt(numbers[2]),
                Integer.parseInt(numbers[3]),
                Integer.parseInt(numbers[0]));
        String[] parts = expected == null ? new String[0] : expected.split(" > ");
        assertEquals(
                expected == null
                        ? ""
                        : "can be changed by " + parts[0] + ", and so be used to start a privileged pod; run: "
                                + parts[1],
                access.exposed("/m/a.yaml").orElse(""));
    }
}
