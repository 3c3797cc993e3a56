/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.Documents;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The configuration file and the drop-ins above it, merged as the kubelet merges them: mappings field by field, other values as
 * a whole, and null takes a value away (RFC 7386).
 *
 * <p>So that a finding leads back to its file, the lines of the second file begin at {@link #LINES}, those of the third at twice
 * that number, and so on. For one thread.
 */
final class ConfigFiles {

    static final String API_VERSION = "kubelet.config.k8s.io/v1beta1";
    static final String KIND = "KubeletConfiguration";
    private static final String DROP_IN = ".conf";
    private static final int LINES = Documents.MAX_SIZE + 1;

    /** How many drop-ins there can be, so that the lines of all of them can be told apart. */
    static final int MAX_DROP_INS = 500;

    private final Findings findings;
    private final List<Path> files = new ArrayList<>();
    private Node.Mapping content = new Node.Mapping(0, 0, List.of());

    ConfigFiles(Findings findings) {
        this.findings = findings;
    }

    /** The drop-ins in a directory and those below it, in the order of their names. */
    static List<Path> dropIns(Path directory) throws IOException {
        List<Path> files = dropInsBelow(directory);
        if (files.size() > MAX_DROP_INS) {
            throw new IOException(directory + " has " + files.size() + " files that end in " + DROP_IN + "; at most "
                    + MAX_DROP_INS + " are read");
        }
        return files;
    }

    private static List<Path> dropInsBelow(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        }
        entries.sort(null);
        List<Path> files = new ArrayList<>();
        for (Path entry : entries) {
            if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                files.addAll(dropInsBelow(entry));
            } else if (entry.toString().endsWith(DROP_IN)) {
                files.add(entry);
            }
        }
        return files;
    }

    /** Adds a file, whose fields win over those of the files before. */
    void add(Path file, byte[] text) {
        int offset = files.size() * LINES;
        files.add(file);
        Findings own = new Findings();
        List<Node> documents = Documents.read(text, own);
        if (documents.size() == 1 && documents.getFirst() instanceof Node.Mapping mapping) {
            require(mapping, "apiVersion", API_VERSION, own);
            require(mapping, "kind", KIND, own);
            content = files.size() == 1 ? mapping : merge(content, mapping, offset);
        } else if (documents.size() == 1) {
            Node other = documents.getFirst();
            own.error(other, "must be a mapping of fields of a KubeletConfiguration, but is " + other.describe());
        } else if (own.errorCount() == 0) {
            own.error(0, 0, "must contain one document, and there are " + documents.size());
        }
        for (Finding error : own.errors()) {
            findings.error(error.atLine(offset + error.line()));
        }
        for (Finding warning : own.warnings()) {
            findings.warn(warning.atLine(offset + warning.line()));
        }
    }

    private static void require(Node.Mapping mapping, String field, String value, Findings findings) {
        Node node = mapping.get(field);
        if (node == null || node.isEmpty()) {
            findings.error(mapping, field, "is required; write \"" + field + ": " + value + "\"");
        } else if (!(node instanceof Node.Scalar scalar) || !scalar.value().equals(value)) {
            findings.error(node, field, "must be " + value + ", but is " + node.describe());
        }
    }

    private static Node.Mapping merge(Node.Mapping below, Node.Mapping above, int offset) {
        List<Node.Entry> entries = new ArrayList<>(below.entries());
        for (Node.Entry entry : above.entries()) {
            Node before = below.get(entry.key());
            entries.removeIf(other -> other.key().equals(entry.key()));
            if (entry.value() instanceof Node.Mapping inner) {
                Node.Mapping base = before instanceof Node.Mapping mapping
                        ? mapping
                        : new Node.Mapping(offset + inner.line(), inner.column(), List.of());
                entries.add(
                        new Node.Entry(offset + entry.line(), entry.column(), entry.key(), merge(base, inner, offset)));
            } else if (!entry.value().isNull()) {
                entries.add(new Node.Entry(
                        offset + entry.line(), entry.column(), entry.key(), moved(entry.value(), offset)));
            }
        }
        return new Node.Mapping(below.line(), below.column(), entries);
    }

    /** A value with its lines moved on. */
    private static Node moved(Node node, int offset) {
        return switch (node) {
            case Node.Scalar scalar ->
                new Node.Scalar(offset + scalar.line(), scalar.column(), scalar.type(), scalar.value(), scalar.text());
            case Node.Sequence sequence -> {
                List<Node> items = new ArrayList<>(sequence.items().size());
                for (Node item : sequence.items()) {
                    items.add(moved(item, offset));
                }
                yield new Node.Sequence(offset + sequence.line(), sequence.column(), items);
            }
            case Node.Mapping mapping ->
                merge(new Node.Mapping(offset + mapping.line(), mapping.column(), List.of()), mapping, offset);
        };
    }

    /** The merged fields. */
    Node.Mapping content() {
        return content;
    }

    /** Whether there is no file. */
    boolean isEmpty() {
        return files.isEmpty();
    }

    /** The file that has a line; empty when there is no file. */
    Optional<Path> file(int line) {
        return files.isEmpty() ? Optional.empty() : Optional.of(files.get(line / LINES));
    }

    /** A finding with its file, and its line in that file. */
    String located(Finding finding) {
        Finding own = finding.atLine(finding.line() % LINES);
        return files.isEmpty() ? own.toString() : files.get(finding.line() / LINES) + ":" + own;
    }
}
