/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * Builds nodes from the events of one YAML text. Not thread-safe.
 *
 * <p>Reads the events of SnakeYAML without Jackson's YAML module. The events distinguish documents,
 * anchors and quotes, and the classes of the module would cost start-up time.
 */
final class YamlReader {

    /** Does not limit anything: a caller that reads from outside limits what it reads. */
    private static final int MAX_CODE_POINTS = Integer.MAX_VALUE;

    private final ParserImpl events;
    private final Findings findings;
    private final Map<String, Anchored> anchors = new HashMap<>();
    private final List<String> path = new ArrayList<>();
    private int nodes;
    private int depth;

    /** @param node null while the anchored value is being read */
    private record Anchored(@Nullable Node node, int size, int depth) {}

    private static final class Unreadable extends Exception {
        private final Mark mark;

        Unreadable(Mark mark, String message) {
            super(message, null, false, false);
            this.mark = mark;
        }
    }

    private YamlReader(String text, Findings findings) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_CODE_POINTS);
        this.events = new ParserImpl(new YamlText(text), options);
        this.findings = findings;
    }

    static List<Node> read(String text, Findings findings) {
        List<Node> documents = new ArrayList<>();
        try {
            new YamlReader(text, findings).readAll(documents);
        } catch (Unreadable e) {
            findings.error(e.mark.getLine() + 1, e.mark.getColumn() + 1, String.valueOf(e.getMessage()));
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
            int line = mark == null ? 0 : mark.getLine() + 1;
            int column = mark == null ? 0 : mark.getColumn() + 1;
            findings.error(line, column, "is not YAML: " + explain(e));
        } catch (ReaderException e) {
            report(text, e, findings);
        } catch (YAMLException e) {
            findings.error(0, 0, "is not YAML: " + e.getMessage());
        }
        return documents;
    }

    /** What is wrong, without quoting text, which might be the value of a Secret. */
    private static String explain(MarkedYAMLException e) {
        String problem = e.getProblem() == null ? "" : e.getProblem();
        if (problem.contains("TAB")) {
            return "a tab cannot indent or begin a value; use spaces";
        }
        if (problem.contains("mapping values are not allowed here")) {
            return "a ':' is not allowed here; check the indentation, or quote the string that contains it";
        }
        if (problem.contains("undefined tag handle")) {
            return "this tag is not known; leave it out"; // the problem quotes it
        }
        String context = e.getContext();
        return context == null || context.isEmpty() ? problem : context + ": " + problem;
    }

    private static void report(String text, ReaderException e, Findings findings) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < e.getPosition(); i++) {
            column++;
            if (text.charAt(i) == '\n') {
                line++;
                column = 1;
            }
        }
        findings.error(
                line,
                column,
                "",
                "is not YAML: the character U+" + HexFormat.of().withUpperCase().toHexDigits(e.getCodePoint(), 4)
                        + " is not allowed");
    }

    private void readAll(List<Node> documents) throws Unreadable {
        while (true) {
            Event event = events.getEvent();
            switch (event.getEventId()) {
                case StreamStart, DocumentEnd -> {}
                case StreamEnd -> {
                    return;
                }
                case DocumentStart -> {
                    anchors.clear();
                    Node node = node(events.getEvent());
                    if (!node.isNull()) {
                        documents.add(node);
                    }
                }
                default -> throw new IllegalStateException("unexpected " + event);
            }
        }
    }

    private Node node(Event event) throws Unreadable {
        if (event instanceof AliasEvent alias) {
            return aliased(alias);
        }
        String anchor = ((NodeEvent) event).getAnchor();
        if (anchor == null) {
            return plainNode(event);
        }
        anchors.put(anchor, new Anchored(null, 0, 0));
        int before = nodes;
        Node node = plainNode(event);
        anchors.put(anchor, new Anchored(node, nodes - before, depthOf(node)));
        return node;
    }

    private static int depthOf(Node node) {
        int deepest = 0;
        switch (node) {
            case Node.Scalar _ -> {}
            case Node.Sequence sequence -> {
                for (Node item : sequence.items()) {
                    deepest = Math.max(deepest, 1 + depthOf(item));
                }
            }
            case Node.Mapping mapping -> {
                for (Node.Entry entry : mapping.entries()) {
                    deepest = Math.max(deepest, 1 + depthOf(entry.value()));
                }
            }
        }
        return deepest;
    }

    private Node aliased(AliasEvent alias) throws Unreadable {
        Anchored anchored = anchors.get(alias.getAnchor());
        if (anchored == null) {
            throw new Unreadable(alias.getStartMark(), "there is no anchor of this name before this alias");
        }
        if (anchored.node() == null) {
            throw new Unreadable(alias.getStartMark(), "this alias contains itself");
        }
        nodes += anchored.size();
        if (nodes > Documents.MAX_NODES || depth + anchored.depth() > Documents.MAX_DEPTH) {
            throw new Unreadable(
                    alias.getStartMark(), "the aliases of this file expand to too much; write the values out");
        }
        return anchored.node();
    }

    private Node plainNode(Event event) throws Unreadable {
        if (++nodes > Documents.MAX_NODES) {
            throw new Unreadable(event.getStartMark(), Documents.TOO_MANY_NODES);
        }
        if (event instanceof ScalarEvent scalar) {
            return scalar(scalar);
        }
        if (++depth > Documents.MAX_DEPTH) {
            throw new Unreadable(event.getStartMark(), Documents.TOO_DEEP);
        }
        Node node = event.getEventId() == Event.ID.SequenceStart ? sequence(event) : mapping(event);
        depth--;
        return node;
    }

    private Node.Sequence sequence(Event start) throws Unreadable {
        List<Node> items = new ArrayList<>();
        while (true) {
            Event event = events.getEvent();
            if (event.getEventId() == Event.ID.SequenceEnd) {
                return new Node.Sequence(line(start), column(start), List.copyOf(items));
            }
            path.add("[" + items.size() + "]");
            items.add(node(event));
            path.removeLast();
        }
    }

    private Node.Mapping mapping(Event start) throws Unreadable {
        MappingBuilder builder = new MappingBuilder(path, findings);
        while (true) {
            Event event = events.getEvent();
            if (event.getEventId() == Event.ID.MappingEnd) {
                return builder.build(line(start), column(start));
            }
            boolean merge = event instanceof ScalarEvent key
                    && key.isPlain()
                    && key.getValue().equals("<<");
            Node key = node(event);
            nodes--; // a key counts with its value, as in JSON
            if (key instanceof Node.Scalar scalar && scalar.text().length() > Documents.MAX_KEY) {
                throw new Unreadable(event.getStartMark(), Documents.keyTooLong(scalar.text()));
            }
            path.add(key instanceof Node.Scalar scalar ? scalar.text() : "?");
            Node value = node(events.getEvent());
            path.removeLast();
            if (merge) {
                merge(builder, key, value);
            } else {
                builder.add(line(event), column(event), keyText(key), value);
            }
        }
    }

    private void merge(MappingBuilder builder, Node key, Node value) {
        if (value instanceof Node.Mapping mapping) {
            builder.merge(mapping);
        } else if (value instanceof Node.Sequence sequence
                && sequence.items().stream().allMatch(Node.Mapping.class::isInstance)) {
            sequence.items().forEach(item -> builder.merge((Node.Mapping) item));
        } else {
            findings.error(key, "<<", "must be a mapping or a list of mappings, but is " + value.describe());
        }
    }

    private String keyText(Node key) {
        if (!(key instanceof Node.Scalar scalar)) {
            findings.error(key, "a key must be a string, but is " + key.describe());
            return key.toString();
        }
        if (scalar.type() == Node.Type.BOOLEAN || scalar.type() == Node.Type.NULL) {
            findings.error(key, scalar.text(), "a key must be a string; write it in quotes: \"" + scalar.text() + "\"");
        }
        return scalar.type() == Node.Type.STRING ? scalar.value() : scalar.text();
    }

    private Node.Scalar scalar(ScalarEvent event) {
        String text = event.getValue();
        String tag = event.getTag();
        if (tag != null) {
            return tagged(event, text, tag);
        }
        if (!event.isPlain()) {
            return new Node.Scalar(line(event), column(event), Node.Type.STRING, text, text);
        }
        return YamlScalars.resolve(line(event), column(event), text);
    }

    private Node.Scalar tagged(ScalarEvent event, String text, String tag) {
        if (tag.equals("!") || tag.equals("tag:yaml.org,2002:str")) {
            return new Node.Scalar(line(event), column(event), Node.Type.STRING, text, text);
        }
        Node.Scalar resolved = YamlScalars.resolve(line(event), column(event), text);
        boolean fits = switch (tag) {
            case "tag:yaml.org,2002:int" -> resolved.type() == Node.Type.INTEGER;
            case "tag:yaml.org,2002:float" -> resolved.type() == Node.Type.FLOAT;
            case "tag:yaml.org,2002:bool" -> resolved.type() == Node.Type.BOOLEAN;
            case "tag:yaml.org,2002:null" -> resolved.type() == Node.Type.NULL;
            default -> false;
        };
        if (!fits) {
            findings.error(resolved, "this tag does not match the value; leave it out");
        }
        return resolved;
    }

    private static int line(Event event) {
        return event.getStartMark().getLine() + 1;
    }

    private static int column(Event event) {
        return event.getStartMark().getColumn() + 1;
    }
}
