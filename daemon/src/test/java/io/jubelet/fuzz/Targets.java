/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The inputs of targets. */
final class Targets {

    private Targets() {}

    static FuzzTarget create(String className) throws ReflectiveOperationException {
        var constructor = Class.forName(className).asSubclass(FuzzTarget.class).getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }

    /** The directory with the inputs that once failed, which need not exist. */
    static Path recorded(String name) {
        return Path.of("src/test/resources/fuzz").toAbsolutePath().resolve(name);
    }

    /** The inputs that once failed, ordered by name. */
    static List<Path> recordedInputs(String name) throws IOException {
        Path directory = recorded(name);
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return new ArrayList<>(files.sorted().toList());
        }
    }
}
