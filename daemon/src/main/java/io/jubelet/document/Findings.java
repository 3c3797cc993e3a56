package io.jubelet.document;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong and what is worth knowing while a document is read. For one thread. */
public final class Findings {

    private static final Comparator<Finding> BY_PLACE = (a, b) ->
            a.line() != b.line() ? Integer.compare(a.line(), b.line()) : Integer.compare(a.column(), b.column());

    /** Enough for anyone to begin with; more would only hide them. */
    private static final int MAX_FINDINGS = 100;

    private final List<Finding> errors = new ArrayList<>();
    private final List<Finding> warnings = new ArrayList<>();

    /** Notes something that makes the document unusable. */
    public void error(int line, int column, String field, String message) {
        add(errors, new Finding(line, column, field, message));
    }

    /** Notes something that makes the document unusable, where {@code node} begins. */
    public void error(Node node, String field, String message) {
        error(node.line(), node.column(), field, message);
    }

    /** Notes something that a user should know though the document is usable. */
    public void warn(Node node, String field, String message) {
        warn(node.line(), node.column(), field, message);
    }

    /** Notes something that a user should know though the document is usable. */
    public void warn(int line, int column, String field, String message) {
        add(warnings, new Finding(line, column, field, message));
    }

    private static void add(List<Finding> findings, Finding finding) {
        if (findings.size() < MAX_FINDINGS && !findings.contains(finding)) {
            findings.add(finding);
        }
    }

    /** The errors so far, by place. */
    public List<Finding> errors() {
        errors.sort(BY_PLACE);
        return List.copyOf(errors);
    }

    /** The warnings so far, by place. */
    public List<Finding> warnings() {
        warnings.sort(BY_PLACE);
        return List.copyOf(warnings);
    }

    /** How many errors there are so far. */
    public int errorCount() {
        return errors.size();
    }
}
