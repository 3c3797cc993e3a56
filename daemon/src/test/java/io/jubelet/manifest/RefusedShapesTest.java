/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.document.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Manifests of the shapes that other tools write and people copy, each with all that is wrong in it.
 * The findings to expect are in a file beside the manifest.
 *
 * <p>With {@code -Dshapes.update=true} the test writes these files; read the difference.
 */
class RefusedShapesTest {

    private static final Path SHAPES = Path.of("src/test/resources/io/jubelet/manifest/shapes");

    static List<Path> shapes() throws IOException {
        try (Stream<Path> files = Files.list(SHAPES)) {
            return files.filter(file -> !file.toString().endsWith(".findings"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void allMistakesAreToldAtOnce(Path shape) throws IOException {
        ManifestFile file = ManifestFile.parse(Files.readAllBytes(shape), "/m/" + shape.getFileName(), "node1");
        String findings = file.errors().stream().map(Finding::toString).collect(Collectors.joining("\n", "", "\n"));
        Path expected = shape.resolveSibling(shape.getFileName() + ".findings");
        if (Boolean.getBoolean("shapes.update")) {
            Files.writeString(expected, findings);
        }
        assertEquals(Files.readString(expected), findings);
        assertEquals(List.of(), file.pods());
    }
}
