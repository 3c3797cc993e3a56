/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.conformance;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Prints what a run of the node suite showed. {@code tools/conformance.sh} runs it from its source, so it uses the JDK alone.
 *
 * <p>Arguments: the directory of JUnit XML files, the list of specs that do not pass, and optionally a file to record the
 * table in. The exit code is 1 if the specs did something else than the list says.
 */
final class ConformanceReport {

    private ConformanceReport() {}

    static void main(String[] arguments) throws IOException {
        // A spec that ran in several parts counts as it went last.
        Map<String, SpecResult> results = new TreeMap<>();
        try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".xml")).sorted().toList()) {
                SpecResult.read(file).forEach(result -> results.put(result.name(), result));
            }
        }
        ConformanceTable table =
                ConformanceTable.of(List.copyOf(results.values()), ListedSpec.read(Path.of(arguments[1])));
        print(table, System.out);
        if (arguments.length > 2) {
            Files.write(Path.of(arguments[2]), table.record());
        }
        System.exit(table.asListed() ? 0 : 1);
    }

    private static void print(ConformanceTable table, PrintStream out) {
        table.complaints().forEach(out::println);
        out.println();
        table.lines().forEach(out::println);
    }
}
