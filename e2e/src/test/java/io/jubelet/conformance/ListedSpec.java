/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A spec that does not pass, as {@code tools/conformance/expected.tsv} lists it: a line with its cause, its name and the
 * reason, with tabs between them. Lines that begin with {@code #} are comments.
 *
 * @param reason a sentence without its full stop
 */
record ListedSpec(Cause cause, String name, String reason) {

    enum Cause {
        STATIC_PODS("Static pods", "A static pod cannot have what the spec asks for."),
        DESIGN("Decisions", "Jubelet does something else on purpose."),
        FAULT("Open", "Jubelet lacks what the spec asks for."),
        FRONT("The front", "The front cannot show the pod as the spec wants to see it."),
        MACHINE(
                "The machine",
                "The machine of the recorded run lacks what the spec needs. It may pass on another one.");

        private final String title;
        private final String explanation;

        Cause(String title, String explanation) {
            this.title = title;
            this.explanation = explanation;
        }

        String title() {
            return title;
        }

        String explanation() {
            return explanation;
        }

        /** Whether the spec passes where it is not listed, too. */
        boolean mayPass() {
            return this == MACHINE;
        }
    }

    /**
     * The lines of the file, by name and in its order.
     *
     * @throws IOException if it cannot be read or a line is malformed
     */
    static Map<String, ListedSpec> read(Path file) throws IOException {
        return parse(Files.readAllLines(file), file.getFileName().toString());
    }

    static Map<String, ListedSpec> parse(List<String> lines, String file) throws IOException {
        Map<String, ListedSpec> listed = new LinkedHashMap<>();
        List<String> errors = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] columns = line.split("\t", -1);
            if (columns.length != 3 || columns[1].isBlank() || columns[2].isBlank()) {
                errors.add(file + ":" + (i + 1) + ": must be a cause, a name and a reason with tabs between them");
                continue;
            }
            try {
                Cause cause = Cause.valueOf(columns[0].toUpperCase(Locale.ROOT).replace('-', '_'));
                if (listed.put(columns[1], new ListedSpec(cause, columns[1], columns[2])) != null) {
                    errors.add(file + ":" + (i + 1) + ": lists a spec again: " + columns[1]);
                }
            } catch (IllegalArgumentException _) {
                errors.add(file + ":" + (i + 1) + ": " + columns[0] + " is no cause");
            }
        }
        if (!errors.isEmpty()) {
            throw new IOException(String.join("\n", errors));
        }
        return listed;
    }
}
