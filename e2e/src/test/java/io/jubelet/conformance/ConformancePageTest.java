/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Holds the page of the node suite against the list of specs that do not pass and the record of the last full run.
 *
 * <p>Run with {@code -Dreference.update=true} to write the page anew, and read the difference.
 */
class ConformancePageTest {

    private static final Path PAGE = Path.of("../docs/conformance.md");
    private static final Path DATA = Path.of("../tools/conformance");

    @Test
    void thePageIsWhatTheListAndTheRecordSay() throws IOException {
        String expected = ConformancePage.page(record(), about(), listed().values());

        if (Boolean.getBoolean("reference.update")) {
            Files.writeString(PAGE, expected);
        }
        assertEquals(expected, Files.readString(PAGE));
    }

    @Test
    void theRecordIsThatOfRunInWhichAllOtherSpecsPassed() throws IOException {
        ConformanceTable.Row total = record().total();

        assertEquals(0, total.failed());
        assertEquals(total.specs(), total.passed() + total.listed());
        assertTrue(total.listed() <= listed().size(), "more specs did not pass than are listed");
    }

    private static Map<String, ListedSpec> listed() throws IOException {
        return ListedSpec.read(DATA.resolve("expected.tsv"));
    }

    private static ConformanceTable record() throws IOException {
        return ConformanceTable.ofRecord(lines(line -> !line.startsWith("#")));
    }

    /** The comments of the record say where it was made. */
    private static List<String> about() throws IOException {
        return lines(line -> line.startsWith("#")).stream()
                .map(line -> line.substring(1).strip())
                .toList();
    }

    private static List<String> lines(Predicate<String> which) throws IOException {
        return Files.readAllLines(DATA.resolve("results.tsv")).stream()
                .filter(which)
                .toList();
    }
}
