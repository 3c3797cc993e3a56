/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One entry of the manifest directory as a row of {@code get manifests}. */
public final class ManifestRow {

    public static final List<String> HEADER = List.of("FILE", "STATE", "OBJECTS", "AGE", "MESSAGE");

    private ManifestRow() {}

    /** The cells of a manifest; {@code wide} shows all problems, and not only the first. */
    public static List<String> of(Json manifest, boolean wide, Instant now) {
        String objects = Stream.of("pods", "configObjects")
                .flatMap(field -> manifest.at(field).items().stream())
                .map(Json::text)
                .collect(Collectors.joining(","));
        String message = wide
                ? manifest.at("problems").items().stream()
                        .map(ManifestRow::problem)
                        .collect(Collectors.joining("; "))
                : firstProblem(manifest);
        return List.of(
                manifest.at("path").text(),
                manifest.at("state").text(),
                objects.isEmpty() ? "<none>" : objects,
                Age.since(manifest.at("lastTransitionTime").moment(), now),
                message.isEmpty() ? "<none>" : message);
    }

    /** The first problem, and how many more there are. */
    public static String firstProblem(Json manifest) {
        List<Json> problems = manifest.at("problems").items();
        if (problems.isEmpty()) {
            return "";
        }
        int more = problems.size() - 1;
        return problem(problems.getFirst()) + (more > 0 ? " (and " + more + " more)" : "");
    }

    /** {@code line:column: field: message}, leaving out what is unknown. */
    public static String problem(Json problem) {
        int line = problem.at("line").number();
        String field = problem.at("field").text();
        return (line > 0 ? line + ":" + problem.at("column").number() + ": " : "")
                + (field.isEmpty() ? "" : field + ": ")
                + problem.at("message").text();
    }
}
