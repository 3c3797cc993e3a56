/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Finding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Many manifests with one mistake each. A mark in each shows where its error must be reported, and a line before it what the error
 * says.
 *
 * <p>With {@code -Dbroken.update=true} the messages are written anew, and the marks stay; read the difference.
 */
class BrokenManifestsTest {

    private static final Path CORPUS = Path.of("src/test/resources/io/jubelet/manifest/broken.txt");
    private static final String NAME = "=== ";
    private static final String MESSAGE = "> ";
    private static final String MARK = "«";

    /**
     * One manifest.
     *
     * @param marked with the mark before the place of the error
     */
    private record Case(String name, String message, String marked) {

        String text() {
            return marked.replace(MARK, "");
        }

        int line() {
            return (int) before().chars().filter(c -> c == '\n').count() + 1;
        }

        int column() {
            return before().length() - before().lastIndexOf('\n');
        }

        private String before() {
            return marked.substring(0, marked.indexOf(MARK));
        }

        List<Finding> errors() {
            return ManifestFile.parse(text().getBytes(StandardCharsets.UTF_8), "/m/web.yaml", "node1")
                    .errors();
        }

        /** The error at the mark. */
        Optional<Finding> error() {
            return errors().stream()
                    .filter(error -> error.line() == line() && error.column() == column())
                    .findFirst();
        }

        String found() {
            return error().map(error -> error.field().map(field -> field + ": ").orElse("") + error.message())
                    .orElse("");
        }
    }

    private static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        for (String each : Files.readString(CORPUS).split("(?m)^" + NAME)) {
            if (!each.isEmpty()) {
                int name = each.indexOf('\n');
                int message = each.indexOf('\n', name + 1);
                cases.add(new Case(
                        each.substring(0, name),
                        each.substring(name + 1 + MESSAGE.length(), message),
                        each.substring(message + 1)));
            }
        }
        if (Boolean.getBoolean("broken.update")) {
            StringBuilder corpus = new StringBuilder();
            for (Case each : cases) {
                corpus.append(NAME)
                        .append(each.name())
                        .append('\n')
                        .append(MESSAGE)
                        .append(each.found())
                        .append('\n')
                        .append(each.marked());
            }
            Files.writeString(CORPUS, corpus);
        }
        return cases;
    }

    @TestFactory
    Stream<DynamicTest> theErrorIsAtTheMarkAndSaysWhatIsExpected() throws IOException {
        return cases().stream()
                .map(each -> DynamicTest.dynamicTest(each.name(), () -> {
                    assertTrue(
                            each.error().isPresent(), () -> each.line() + ":" + each.column() + " of " + each.errors());
                    assertEquals(each.message(), each.found());
                }));
    }

    @Test
    void thereAreManyAndEachSaysSomething() throws IOException {
        List<Case> cases = cases();
        assertTrue(cases.size() >= 200, () -> cases.size() + " cases");
        assertEquals(cases.size(), cases.stream().map(Case::name).distinct().count());
        assertEquals(
                List.of(),
                cases.stream().filter(each -> each.message().isEmpty()).toList());
    }
}
