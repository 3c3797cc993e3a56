/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The checked-in list of what we judge otherwise than an API server on purpose. */
final class Differences {

    enum Kind {
        /** We refuse what an API server accepts. */
        REFUSED,
        /** We accept what an API server refuses. */
        ACCEPTED,
        /** We name another field for the same mistake. */
        PLACE,
        /** Another default. */
        DEFAULT,
        /** We serve another value. */
        SERVED
    }

    private static final class Rule {
        private final String line;
        private final Kind kind;
        private final Pattern field;
        private final String message;
        private boolean used;

        private Rule(String line) {
            this.line = line;
            String[] parts = line.split("(?<= )\\|(?= )", -1);
            if (parts.length != 4 || parts[3].isBlank()) {
                throw new IllegalArgumentException("not KIND | FIELD | MESSAGE | REASON: " + line);
            }
            kind = Kind.valueOf(parts[0].strip());
            field = Pattern.compile(parts[1].strip());
            message = parts[2].strip();
        }

        private boolean covers(Kind other, ValidationResult.Objection objection) {
            return kind == other
                    && field.matcher(objection.field()).matches()
                    && objection.message().contains(message);
        }
    }

    private final List<Rule> rules = new ArrayList<>();

    /** @param name of the list, beside the cases */
    Differences(String name) throws IOException {
        for (String line : Files.readAllLines(PodCase.CORPUS.resolve(name))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                rules.add(new Rule(line));
            }
        }
    }

    /** Those of some objections that no rule allows. */
    List<ValidationResult.Objection> notAllowed(Kind kind, List<ValidationResult.Objection> objections) {
        List<ValidationResult.Objection> left = new ArrayList<>();
        for (ValidationResult.Objection objection : objections) {
            boolean allowed = false;
            for (Rule rule : rules) {
                if (rule.covers(kind, objection)) {
                    rule.used = true;
                    allowed = true;
                }
            }
            if (!allowed) {
                left.add(objection);
            }
        }
        return left;
    }

    /** Rules that have allowed nothing. */
    List<String> unused() {
        return rules.stream().filter(rule -> !rule.used).map(rule -> rule.line).toList();
    }
}
