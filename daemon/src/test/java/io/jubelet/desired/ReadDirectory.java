/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A manifest directory that is read turn by turn. */
abstract class ReadDirectory {

    static final Duration MILLI = Duration.ofMillis(1);

    @TempDir
    Path root;

    ScanDriver driver;

    @BeforeEach
    void start() throws IOException {
        driver = new ScanDriver(root);
    }
}
