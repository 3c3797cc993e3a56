/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonStreamTest {

    private static final JsonStream.Limits LIMITS = new JsonStream.Limits(1 << 20, 1000, 10_000);

    private static JsonStream stream(String text, JsonStream.Limits limits) {
        return new JsonStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), limits);
    }

    /** What is kept, as JSON. */
    private static String read(String text, FieldSelection wanted) throws IOException {
        JsonStream stream = stream(text, LIMITS);
        Node node = stream.next(wanted).orElseThrow().node().orElseThrow();
        stream.requireEnd();
        return JsonText.of(node);
    }

    @Test
    void keepsTheWantedFieldsAndNothingElse() throws Exception {
        FieldSelection wanted = FieldSelection.NOTHING
                .with("a", "b")
                .with("list", "x")
                .with(FieldSelection.NAMES.with("kept"), "names")
                .with(FieldSelection.NOTHING, "there");
        assertEquals("""
                {"a":{"b":[1,{"c":null}]},"list":[{"x":"1"},{},null],"names":{"kept":"yes","other":null},"there":null}""", read("""
                        {"a": {"b": [1, {"c": null}], "z": "no"}, "list": [{"x": "1", "y": 2}, {}, 3],
                         "names": {"kept": "yes", "other": {"deep": [1]}}, "there": "a text", "zz": [[[]]]}""", wanted));
    }

    @Test
    void readsScalars() throws Exception {
        assertEquals("ä😀\n/\"", scalar("\"\\u00e4\\uD83D\\uDE00\\n\\/\\\"\""));
        assertEquals("ä😀€", scalar("\"ä😀€\""));
        assertEquals("-12.5e+3", scalar("-12.5e+3"));
        assertEquals("true", scalar("true"));
    }

    private static String scalar(String json) throws IOException {
        Node node = stream(json, LIMITS)
                .next(FieldSelection.ALL)
                .orElseThrow()
                .node()
                .orElseThrow();
        return ((Node.Scalar) node).value();
    }

    @Test
    void invalidUtf8ReadsAsTheReplacementCharacter() throws Exception {
        byte[] text = {'"', (byte) 0xC3, '"'};
        Node node = new JsonStream(new ByteArrayInputStream(text), LIMITS)
                .next(FieldSelection.ALL)
                .orElseThrow()
                .node()
                .orElseThrow();
        assertEquals("\uFFFD", ((Node.Scalar) node).value());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>",
                "{a: 1}",
                "{\"a\" 1}",
                "{\"a\": 1,}",
                "[1,]",
                "[1 2]",
                "tru3",
                "01",
                "1.",
                "1e",
                "-",
                "\"\\x\"",
                "\"\\u12g4\"",
                "{} {}",
                "\"a\tb\"",
                "]",
                "nul l",
                "+1"
            })
    void refusesWhatIsNotJson(String text) {
        assertThrows(JsonStream.MalformedException.class, () -> read(text, FieldSelection.ALL));
        assertThrows(JsonStream.MalformedException.class, () -> read(text, FieldSelection.NOTHING));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"a", "{\"a\":", "[1,", "\"\\", "\"\\u00", "tr"})
    void tellsTheEndOfAConnectionFromOtherText(String text) {
        assertThrows(EOFException.class, () -> read(text, FieldSelection.ALL));
    }

    @Test
    void limitsTheBytesOfAValue() throws Exception {
        String text = "\"" + "x".repeat(98) + "\"";
        JsonStream.Limits exact = new JsonStream.Limits(100, 10, 1000);
        JsonStream stream = stream(text, exact);
        assertTrue(stream.next(FieldSelection.ALL).orElseThrow().node().isPresent());
        stream.requireEnd();
        JsonStream.Limits less = new JsonStream.Limits(99, 10, 1000);
        assertThrows(
                JsonStream.TooLargeException.class, () -> stream(text, less).next(FieldSelection.NOTHING));
        // The limit is that of each value.
        JsonStream several = stream(text + text + text, exact);
        for (int i = 0; i < 3; i++) {
            assertTrue(several.next(FieldSelection.ALL).isPresent());
        }
        assertEquals(Optional.empty(), several.next(FieldSelection.ALL));
    }

    @Test
    void endlessWhiteSpaceIsTooLargeToo() {
        InputStream spaces = new Repeated(" ".repeat(1000), Integer.MAX_VALUE);
        assertThrows(
                JsonStream.TooLargeException.class, () -> new JsonStream(spaces, LIMITS).next(FieldSelection.NOTHING));
    }

    @Test
    void limitsTheNumberOfKeptNodes() throws Exception {
        // The mapping, three names and their values.
        String text = "{\"a\":1,\"b\":2,\"c\":3}";
        assertTrue(kept(text, new JsonStream.Limits(1000, 7, 1000)));
        assertFalse(kept(text, new JsonStream.Limits(1000, 6, 1000)));
    }

    @Test
    void limitsTheNumberOfKeptCharacters() throws Exception {
        String text = "{\"name\":\"value\"}";
        assertTrue(kept(text, new JsonStream.Limits(1000, 10, 9)));
        assertFalse(kept(text, new JsonStream.Limits(1000, 10, 8)));
    }

    private static boolean kept(String text, JsonStream.Limits limits) throws IOException {
        JsonStream stream = stream(text, limits);
        boolean kept = stream.next(FieldSelection.ALL).orElseThrow().node().isPresent();
        stream.requireEnd();
        return kept;
    }

    @Test
    void limitsTheDepth() throws Exception {
        assertEquals("[]", read("[".repeat(100) + "]".repeat(100), FieldSelection.NOTHING));
        String deeper = "[".repeat(101) + "]".repeat(101);
        assertThrows(JsonStream.MalformedException.class, () -> read(deeper, FieldSelection.NOTHING));
        assertThrows(JsonStream.MalformedException.class, () -> read(deeper, FieldSelection.ALL));
    }

    @Test
    void anElementThatExceedsTheLimitsIsSkippedAlone() throws Exception {
        String large = "\"" + "x".repeat(20_000) + "\"";
        List<Optional<Node>> elements = new ArrayList<>();
        JsonStream stream = stream("{\"items\":[\"a\"," + large + ",\"b\"],\"rest\":1}", LIMITS);
        FieldSelection wanted = FieldSelection.NOTHING.with("items").with("rest");
        Node list = stream.next(wanted, "items", value -> elements.add(value.node()))
                .orElseThrow()
                .node()
                .orElseThrow();
        assertEquals("{\"rest\":1}", JsonText.of(list));
        assertEquals(
                List.of(true, false, true),
                elements.stream().map(Optional::isPresent).toList());
    }

    @Test
    void aDigestChangesWithEveryPartOfTheValue() throws Exception {
        FieldSelection wanted =
                FieldSelection.NOTHING.with(FieldSelection.NOTHING.with("phase").withDigest(), "status");
        String one = digest("{\"status\":{\"phase\":\"Running\",\"list\":[1,{\"x\":\"y\"}]}}", wanted);
        assertEquals(32, one.length());
        assertEquals(one, digest("{\"a\":0, \"status\":{\"phase\":\"Running\",\"list\":[1,{\"x\":\"y\"}]} }", wanted));
        assertNotEquals(one, digest("{\"status\":{\"phase\":\"Running\",\"list\":[1,{\"x\":\"z\"}]}}", wanted));
        // Across blocks, too.
        String fill = "x".repeat(8190);
        for (int i = 0; i < 20; i++) {
            String filled = "{\"" + fill + "x".repeat(i)
                    + "\":0,\"status\":{\"phase\":\"Running\",\"list\":[1,{\"x\":\"y\"}]}}";
            assertEquals(one, digest(filled, wanted));
        }
    }

    private static String digest(String text, FieldSelection wanted) throws IOException {
        Node.Mapping object = (Node.Mapping)
                stream(text, LIMITS).next(wanted).orElseThrow().node().orElseThrow();
        Node.Mapping status = (Node.Mapping) object.get("status");
        assertEquals("Running", ((Node.Scalar) status.get("phase")).value());
        return JsonStream.digest(status).orElseThrow();
    }

    /** 120 pods of 250 kB would otherwise need some hundred megabytes. */
    @Test
    void whatIsNotWantedCostsNoMemory() throws Exception {
        String pod = "{\"metadata\":{\"annotations\":{\"" + "k".repeat(10_000) + "\":\"" + "v".repeat(240_000)
                + "\"},\"uid\":\"u\"},\"status\":{\"message\":\"" + "m".repeat(100_000) + "\"}}";
        InputStream list = new SequenceInputStream(Collections.enumeration(List.of(
                new ByteArrayInputStream("{\"items\":[".getBytes(StandardCharsets.UTF_8)),
                new Repeated(pod + ",", 120),
                new ByteArrayInputStream((pod + "]}").getBytes(StandardCharsets.UTF_8)))));
        FieldSelection item =
                FieldSelection.NOTHING.with("metadata", "uid").with(FieldSelection.NOTHING.withDigest(), "status");
        int[] seen = new int[1];
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        new JsonStream(list, new JsonStream.Limits(1 << 30, 100, 1000))
                .next(FieldSelection.NOTHING.with(item, "items"), "items", value -> {
                    seen[0] += value.node().isPresent() ? 1 : 0;
                });
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals(121, seen[0]);
        assertTrue(allocated < 2 << 20, () -> allocated + " bytes were allocated");
    }

    /** Differs from Jackson neither in what it accepts nor in what it reads. */
    @Test
    void agreesWithJackson() throws Exception {
        Random random = new Random(20260301);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder json = new StringBuilder();
            value(json, random, 0);
            for (int changes = random.nextInt(3); changes > 0 && !json.isEmpty(); changes--) {
                int at = random.nextInt(json.length());
                String piece = String.valueOf("{}[]\",:\\u0-9.eE+tfn \n".charAt(random.nextInt(21)));
                json.replace(at, at + random.nextInt(2), piece);
            }
            // A change can separate a surrogate pair, which UTF-8 cannot express.
            String text = new String(json.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
            Optional<String> expected = jackson(text);
            assertEquals(expected, ours(text, FieldSelection.ALL), () -> "of " + text);
            assertEquals(
                    expected.isPresent(), ours(text, FieldSelection.NOTHING).isPresent(), () -> "skipping " + text);
        }
    }

    private static void value(StringBuilder out, Random random, int depth) {
        switch (random.nextInt(depth > 4 ? 5 : 8)) {
            case 0 -> out.append(random.nextInt(-1000, 1000));
            case 1 -> out.append(random.nextDouble());
            case 2 -> out.append(random.nextBoolean());
            case 3 -> out.append("null");
            case 4 -> JsonText.quote(out, "a\"\\\nä😀".substring(random.nextInt(3)));
            case 5 -> {
                out.append('[');
                for (int n = random.nextInt(4), i = 0; i < n; i++) {
                    out.append(i > 0 ? "," : "");
                    value(out, random, depth + 1);
                }
                out.append(']');
            }
            default -> {
                out.append('{');
                for (int n = random.nextInt(4), i = 0; i < n; i++) {
                    out.append(i > 0 ? " , " : " ")
                            .append('"')
                            .append((char) ('a' + i))
                            .append("\": ");
                    value(out, random, depth + 1);
                }
                out.append('}');
            }
        }
    }

    private static Optional<String> ours(String text, FieldSelection wanted) {
        try {
            JsonStream stream = stream(text, LIMITS);
            Optional<JsonStream.Value> value = stream.next(wanted);
            stream.requireEnd();
            return value.flatMap(JsonStream.Value::node).map(JsonText::of);
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static Optional<String> jackson(String text) {
        StringBuilder out = new StringBuilder();
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            copy(parser, out);
            return parser.nextToken() == null ? Optional.of(out.toString()) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static void copy(JsonParser parser, StringBuilder out) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_ARRAY) {
            char before = '[';
            for (token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                out.append(before);
                before = ',';
                copy(parser, out);
            }
            out.append(before == '[' ? "[]" : "]");
        } else if (token == JsonToken.START_OBJECT) {
            char before = '{';
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                out.append(before);
                before = ',';
                JsonText.quote(out, parser.currentName());
                out.append(':');
                parser.nextToken();
                copy(parser, out);
            }
            out.append(before == '{' ? "{}" : "}");
        } else if (token == JsonToken.VALUE_STRING) {
            JsonText.quote(out, parser.getText());
        } else {
            out.append(parser.getText());
        }
    }

    /** A text many times. */
    private static final class Repeated extends InputStream {
        private final byte[] text;
        private long left;
        private int at;

        Repeated(String text, int times) {
            this.text = text.getBytes(StandardCharsets.UTF_8);
            this.left = (long) this.text.length * times;
        }

        @Override
        public int read() {
            if (left == 0) {
                return -1;
            }
            left--;
            at = at == text.length ? 1 : at + 1;
            return text[at - 1] & 0xFF;
        }
    }
}
