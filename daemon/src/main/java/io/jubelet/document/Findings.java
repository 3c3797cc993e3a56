/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Collects errors and warnings while a document is read. Not thread-safe. */
public final class Findings {

    private static final Comparator<Finding> BY_PLACE = (a, b) ->
            a.line() != b.line() ? Integer.compare(a.line(), b.line()) : Integer.compare(a.column(), b.column());

    /** Bounds the memory and the output for a file with a mistake that repeats. */
    private static final int MAX_FINDINGS = 100;

    private final List<Finding> errors = new ArrayList<>();
    private final List<Finding> warnings = new ArrayList<>();

    /** Adds an error, which makes the document unusable. */
    public void error(Finding error) {
        add(errors, error);
    }

    /** Adds an error about no field. */
    public void error(int line, int column, String message) {
        error(new Finding(line, column, Optional.empty(), message));
    }

    /**
     * Adds an error.
     *
     * @param path of the field; empty for the document itself
     */
    public void error(int line, int column, String path, String message) {
        error(Finding.of(line, column, path, message));
    }

    /** Adds an error about no field at the start of {@code node}, with a hint if its text is a template. */
    public void error(Node node, String message) {
        error(node, "", message);
    }

    /**
     * Adds an error at the start of {@code node}, with a hint if its text is a template.
     *
     * @param path of the field; empty for the document itself
     */
    public void error(Node node, String path, String message) {
        boolean template = node instanceof Node.Scalar scalar && Templates.isIn(scalar.text());
        error(
                node.line(),
                node.column(),
                path,
                template ? message + "; this seems to be a template that was not rendered" : message);
    }

    /**
     * Adds a warning at the start of {@code node}.
     *
     * @param path of the field; empty for the document itself
     */
    public void warn(Node node, String path, String message) {
        warn(node.line(), node.column(), path, message);
    }

    /**
     * Adds a warning.
     *
     * @param path of the field; empty for the document itself
     */
    public void warn(int line, int column, String path, String message) {
        warn(Finding.of(line, column, path, message));
    }

    /** Adds a warning, with which the document stays usable. */
    public void warn(Finding warning) {
        add(warnings, warning);
    }

    /** Adds all errors and warnings of {@code others}. */
    public void addAll(Findings others) {
        // Loops, because every manifest comes by here and lambdas are linked at their first use.
        for (Finding error : others.errors) {
            add(errors, error);
        }
        for (Finding warning : others.warnings) {
            add(warnings, warning);
        }
    }

    /** Whether further errors will be dropped. */
    boolean isFull() {
        return errors.size() >= MAX_FINDINGS;
    }

    private static void add(List<Finding> findings, Finding finding) {
        if (findings.size() < MAX_FINDINGS && !findings.contains(finding)) {
            findings.add(finding);
        }
    }

    /** The errors so far, ordered by line and column. */
    public List<Finding> errors() {
        errors.sort(BY_PLACE);
        return List.copyOf(errors);
    }

    /** The warnings so far, ordered by line and column. */
    public List<Finding> warnings() {
        warnings.sort(BY_PLACE);
        return List.copyOf(warnings);
    }

    /** The number of errors so far. */
    public int errorCount() {
        return errors.size();
    }
}
