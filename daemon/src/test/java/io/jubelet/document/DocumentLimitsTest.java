/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

class DocumentLimitsTest {

    /** What reading may allocate for each byte: the text, its strings and the objects around them. */
    private static final int BYTES_PER_BYTE = 200;

    private static final String[] PIECES = {
        "a",
        "key: ",
        "- ",
        "? ",
        "\n",
        "\r\n",
        "\r",
        "\u0085",
        "\u2028",
        " ",
        "  ",
        "\t",
        "# comment",
        "|\n",
        ">-\n ",
        "\"",
        "'",
        "\\n",
        "\\\n",
        "\\u00e9",
        "[",
        "]",
        "{",
        "}",
        ",",
        ": ",
        "&a ",
        "*a",
        "!!str ",
        "!",
        "<<: ",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "\uFEFF",
        "\u00e9",
        "\u4e2d",
        "\ud83d\ude00",
        "\u0001",
        "0x1f",
        "long".repeat(400)
    };

    private final Findings findings = new Findings();

    private List<Node> read(String text) {
        return Documents.read(text.getBytes(StandardCharsets.UTF_8), findings);
    }

    private String onlyError() {
        assertEquals(1, findings.errorCount(), () -> findings.errors().toString());
        return findings.errors().getFirst().toString();
    }

    // The list itself is a value, too.

    @Test
    void yamlCanHaveSoManyValuesAndNoMore() {
        assertEquals(1, read("- 1\n".repeat(Documents.MAX_NODES - 1)).size());
        assertEquals(List.of(), findings.errors());
        read("- 1\n".repeat(Documents.MAX_NODES));
        assertEquals(
                "100000:3: has more than 100000 values, counted with those that aliases repeat; divide it into several files",
                onlyError());
    }

    @Test
    void keysDoNotCount() {
        read(mapping(Documents.MAX_NODES - 1));
        assertEquals(List.of(), findings.errors());
        read(mapping(Documents.MAX_NODES));
        assertTrue(onlyError().contains("more than 100000 values"));
    }

    private static String mapping(int entries) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < entries; i++) {
            text.append('k').append(i).append(": 1\n");
        }
        return text.toString();
    }

    @Test
    void allDocumentsOfAFileCountTogether() {
        read("---\n- 1\n- 2\n".repeat(Documents.MAX_NODES / 3 + 1));
        assertTrue(onlyError().contains("more than 100000 values"));
    }

    @Test
    void jsonCanHaveSoManyValuesAndNoMore() {
        read("{\"a\":[" + "1,".repeat(Documents.MAX_NODES - 3) + "1]}");
        assertEquals(List.of(), findings.errors());
        read("{\"a\":[" + "1,".repeat(Documents.MAX_NODES - 2) + "1]}");
        assertTrue(onlyError().contains("more than 100000 values"), onlyError());
    }

    @Test
    void jsonOfAnySourceIsLimited() {
        Documents.readJson("[" + "1,".repeat(Documents.MAX_NODES) + "1]", findings);
        assertTrue(onlyError().contains("more than 100000 values"));
    }

    @Test
    void keyCanHaveSoManyCharactersAndNoMore() {
        String key = "k".repeat(Documents.MAX_KEY);
        read("{\"" + key + "\": 1}");
        read("? " + key + "\n: 1\n");
        assertEquals(List.of(), findings.errors());
        read("a: 1\n? k" + key + "\n: 1\n");
        assertEquals("2:3: a key has 1025 characters; at most 1024 are allowed", onlyError());
        Findings json = new Findings();
        Documents.readJson("{\"k" + key + "\": 1}", json);
        assertEquals(
                "1:2: a key has 1025 characters; at most 1024 are allowed",
                json.errors().getFirst().toString());
    }

    @Test
    void messageIsCutInTheMiddle() {
        String longest = "x".repeat(Finding.MAX_MESSAGE);
        assertEquals(longest, Finding.ofFile(longest).message());
        String cut = Finding.ofFile("a" + longest + "z").message();
        assertTrue(cut.length() <= Finding.MAX_MESSAGE, () -> "" + cut.length());
        assertTrue(cut.startsWith("a") && cut.contains(" [...] ") && cut.endsWith("z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "# %s\na: 1\n",
                "a: %s\n",
                "a: '%s'\n",
                "a: \"%s\"\n",
                "a: |\n  %s\n",
                "{\"a\": \"%s\"}",
                "a: &%s 1",
                "a: !%s 1"
            })
    void aLongTokenCostsNoMoreThanItsLength(String form) {
        assertLinear(form.formatted("x".repeat(Documents.MAX_SIZE - 100)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n", "[", "{", "- ", "? ", "a: &a [", "&a ", "x: *a\n", "a:\n", "\"", "'\\n", "%a\n", "---\n", "{{",
                "{\"a\":", "a: 1\n", "!<", "|\n"
            })
    void aRepeatedPieceCostsNoMoreThanItsLength(String piece) {
        assertLinear(piece.repeat(Documents.MAX_SIZE / piece.length()));
    }

    @Test
    void aTemplateOfManyLinesCostsNoMoreThanItsLength() {
        assertLinear("\n".repeat(Documents.MAX_SIZE - 10) + "a: [");
    }

    private static void assertLinear(String text) {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Documents.read(content, new Findings());
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(
                allocated < (long) BYTES_PER_BYTE * content.length,
                () -> allocated / content.length + " bytes were allocated for each byte");
    }

    /** The places, too: of every event, and of the error at the end. */
    @Test
    void readsAsTheReaderOfSnakeYaml() {
        Random random = new Random(20261130);
        for (int i = 0; i < 10_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(12); length >= 0; length--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            String yaml = text.toString();
            assertEquals(events(yaml, StreamReader::new), events(yaml, YamlText::new), yaml);
        }
    }

    private static List<String> events(String text, Function<String, StreamReader> reader) {
        List<String> events = new ArrayList<>();
        try {
            ParserImpl parser = new ParserImpl(reader.apply(text), new LoaderOptions());
            while (parser.peekEvent() != null) {
                Event event = parser.getEvent();
                String value = event instanceof ScalarEvent scalar ? scalar.getValue() : "";
                events.add(event.getEventId() + " " + event.getStartMark().getLine() + ":"
                        + event.getStartMark().getColumn() + " " + value);
            }
        } catch (MarkedYAMLException e) {
            events.add(e.getProblem() + " " + e.getProblemMark().getLine() + ":"
                    + e.getProblemMark().getColumn());
        } catch (YAMLException e) {
            events.add(e.getClass().getSimpleName());
        }
        return events;
    }
}
