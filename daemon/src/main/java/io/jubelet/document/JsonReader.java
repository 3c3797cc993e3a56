/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds nodes from the tokens of one JSON text. Not thread-safe. */
final class JsonReader {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final JsonParser parser;
    private final Findings findings;
    private final List<String> path = new ArrayList<>();
    private final int maxNodes;
    private int nodes;
    private int depth;

    private JsonReader(JsonParser parser, int maxNodes, Findings findings) {
        this.parser = parser;
        this.maxNodes = maxNodes;
        this.findings = findings;
    }

    /** Reads at most {@code maxNodes} nodes; more are an error, which ends the reading. */
    static List<Node> read(String text, int maxNodes, Findings findings) {
        List<Node> documents = new ArrayList<>();
        try (JsonParser parser = FACTORY.createParser(text)) {
            JsonReader reader = new JsonReader(parser, maxNodes, findings);
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                Node node = reader.node(token);
                if (node == null) {
                    break;
                }
                if (!node.isNull()) {
                    documents.add(node);
                }
            }
        } catch (JsonProcessingException e) {
            JsonLocation where = e.getLocation();
            int line = where == null ? 0 : where.getLineNr();
            int column = where == null ? 0 : where.getColumnNr();
            findings.error(line, column, "is not JSON: " + explain(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read JSON from memory", e);
        }
        return documents;
    }

    /** The first line of a message, without what it quotes of the text, which might be the value of a Secret. */
    private static String explain(String message) {
        if (message.startsWith("Unrecognized token")) {
            return "a word other than null, true and false must be in double quotes";
        }
        int end = message.indexOf('\n');
        String first = end < 0 ? message : message.substring(0, end);
        return first.replaceAll("'[^']{2,}'", "a word").replaceAll("Numeric value \\([^)]*\\)", "a number");
    }

    /** Null, with a finding, when the value is nested too deeply or there are too many, which ends the reading. */
    private @Nullable Node node(JsonToken token) throws IOException {
        JsonLocation at = parser.currentTokenLocation();
        int line = at.getLineNr();
        int column = at.getColumnNr();
        if (++nodes > maxNodes) {
            findings.error(line, column, Documents.TOO_MANY_NODES);
            return null;
        }
        return switch (token) {
            case START_OBJECT, START_ARRAY -> {
                if (++depth > Documents.MAX_DEPTH) {
                    findings.error(line, column, Documents.TOO_DEEP);
                    yield null;
                }
                Node node = token == JsonToken.START_OBJECT ? mapping(line, column) : sequence(line, column);
                depth--;
                yield node;
            }
            case VALUE_STRING -> {
                String text = parser.getText();
                yield new Node.Scalar(line, column, Node.Type.STRING, text, text);
            }
            case VALUE_TRUE -> new Node.Scalar(line, column, Node.Type.BOOLEAN, "true", "true");
            case VALUE_FALSE -> new Node.Scalar(line, column, Node.Type.BOOLEAN, "false", "false");
            case VALUE_NULL -> new Node.Scalar(line, column, Node.Type.NULL, "null", "null");
            case VALUE_NUMBER_INT -> {
                String text = parser.getText();
                yield new Node.Scalar(line, column, Node.Type.INTEGER, text, text.equals("-0") ? "0" : text);
            }
            case VALUE_NUMBER_FLOAT -> number(line, column, parser.getText());
            default -> throw new IllegalStateException("unexpected " + token);
        };
    }

    private Node number(int line, int column, String text) {
        String value = YamlScalars.decimal(text);
        if (value == null) {
            findings.error(line, column, "this number is too large");
        }
        return new Node.Scalar(line, column, Node.Type.FLOAT, text, value == null ? "0" : value);
    }

    private @Nullable Node mapping(int line, int column) throws IOException {
        MappingBuilder builder = new MappingBuilder(path, findings);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            JsonLocation at = parser.currentTokenLocation();
            String key = parser.currentName();
            if (key.length() > Documents.MAX_KEY) {
                findings.error(at.getLineNr(), at.getColumnNr(), Documents.keyTooLong(key));
                return null;
            }
            path.add(key);
            Node value = node(parser.nextToken());
            path.removeLast();
            if (value == null) {
                return null;
            }
            builder.add(at.getLineNr(), at.getColumnNr(), key, value);
        }
        return builder.build(line, column);
    }

    private @Nullable Node sequence(int line, int column) throws IOException {
        List<Node> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            path.add("[" + items.size() + "]");
            Node item = node(token);
            path.removeLast();
            if (item == null) {
                return null;
            }
            items.add(item);
        }
        return new Node.Sequence(line, column, List.copyOf(items));
    }
}
