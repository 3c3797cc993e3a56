/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Holds the reference pages against the table of settings.
 *
 * <p>Run with {@code -Dreference.update=true} to write the pages anew, and read the difference.
 */
class ReferencePagesTest {

    private static final Path DIRECTORY = Path.of("../docs/reference");

    @Test
    void thePageOfFlagsIsWhatTheTableSays() throws IOException {
        compare("flags.md", ReferencePages.flags());
    }

    @Test
    void thePageOfFieldsIsWhatTheTableSays() throws IOException {
        compare("configuration.md", ReferencePages.configuration());
    }

    @Test
    void thePageOfTheKubeletIsWhatTheTableSays() throws IOException {
        compare("kubelet.md", ReferencePages.kubelet(KubeletSetting.byRelease()));
    }

    private static void compare(String name, String expected) throws IOException {
        Path page = DIRECTORY.resolve(name);
        String actual = Files.exists(page) ? Files.readString(page) : "";
        if (Boolean.getBoolean("reference.update")) {
            Files.createDirectories(DIRECTORY);
            Files.writeString(page, expected);
        }
        assertEquals(expected, actual);
    }
}
