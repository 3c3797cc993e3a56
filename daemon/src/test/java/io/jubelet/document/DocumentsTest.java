/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentsTest {

    private final Findings findings = new Findings();

    private List<Node> read(String text) {
        return Documents.read(text.getBytes(StandardCharsets.UTF_8), findings);
    }

    private String json(String text) {
        List<Node> nodes = read(text);
        assertEquals(List.of(), findings.errors());
        assertEquals(1, nodes.size());
        return JsonText.of(nodes.getFirst());
    }

    @Test
    void keepsLineAndColumnOfKeysAndValues() {
        Node.Mapping root = (Node.Mapping) read("a: 1\nb:\n  - c: x\n").getFirst();
        Node.Entry b = root.entries().get(1);
        Node.Mapping item = assertInstanceOf(
                Node.Mapping.class, ((Node.Sequence) b.value()).items().getFirst());
        assertEquals(2, b.line());
        assertEquals(1, b.column());
        assertEquals(3, item.line());
        assertEquals(5, item.column());
        assertEquals(8, item.get("c").column());
    }

    @Test
    void keepsLineAndColumnOfJson() {
        Node.Mapping root = (Node.Mapping) read("{\n  \"a\": [1,\n    true]}").getFirst();
        Node.Sequence list = (Node.Sequence) root.get("a");
        assertEquals(2, root.entries().getFirst().line());
        assertEquals(3, root.entries().getFirst().column());
        assertEquals(3, list.items().get(1).line());
        assertEquals(5, list.items().get(1).column());
    }

    @Test
    void quotedScalarIsString() {
        assertEquals("{\"a\":\"yes\",\"b\":\"1\",\"c\":true,\"d\":1}", json("a: 'yes'\nb: \"1\"\nc: yes\nd: 1\n"));
        assertEquals("{\"a\":\"1\\n\"}", json("a: |\n  1\n"));
        assertEquals("{\"a\":\"1\"}", json("a: !!str 1\n"));
    }

    @Test
    void skipsEmptyDocuments() {
        assertEquals(
                2, read("# nothing\n---\n---\na: 1\n---\n~\n---\nb: 2\n---\n").size());
        assertEquals(0, read("\n# only a comment\n").size());
    }

    @Test
    void reportsRepeatedKey() {
        read("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\ne: [{x: 1, x: 2}]\n");
        Finding finding = findings.errors().getFirst();
        assertEquals(Optional.of("b.c"), finding.field());
        assertEquals(Optional.of("e[0].x"), findings.errors().get(1).field());
        assertEquals(5, finding.line());
        assertEquals(3, finding.column());
        assertTrue(finding.message().contains("already set at 3:3"), finding.message());
    }

    @Test
    void reportsRepeatedKeysOfJson() {
        read("{\"a\": 1,\n \"a\": 2}");
        assertEquals(2, findings.errors().getFirst().line());
    }

    @Test
    void resolvesAliasesAndMergesMappings() {
        assertEquals(
                "{\"base\":{\"p\":1,\"q\":2},\"a\":{\"p\":1,\"q\":2},\"b\":{\"q\":3,\"p\":1}}",
                json("base: &base {p: 1, q: 2}\na: *base\nb:\n  <<: *base\n  q: 3\n"));
    }

    @Test
    void refusesABillionLaughs() {
        StringBuilder text = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 12; i++) {
            String before = "*a" + (i - 1);
            text.append(
                    "a" + i + ": &a" + i + " [" + String.join(",", java.util.Collections.nCopies(10, before)) + "]\n");
        }
        read(text.toString());
        assertTrue(findings.errors().getFirst().message().contains("expand to too much"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    a:\\n\\tb: 1               | 2:1: is not YAML: a tab cannot
                    a: b: c                    | 1:5: is not YAML: a ':' is not allowed here
                    a: [1, 2                   | is not YAML
                    a: *b                      | 1:4: there is no anchor of this name
                    a: &a [*a]                 | 1:8: this alias contains itself
                    yes: 1                     | 1:1: yes: a key must be a string; write it in quotes
                    {"a": 1,}                  | is not JSON
                    a: !!int x                 | 1:4: this tag
                    """)
    void explainsSyntaxErrors(String text, String message) {
        read(text.replace("\\n", "\n").replace("\\t", "\t"));
        // A flow mapping with a last comma is YAML, and read as such.
        if (text.startsWith("{")) {
            assertEquals(0, findings.errorCount());
            return;
        }
        assertTrue(
                findings.errors().getFirst().toString().contains(message),
                () -> findings.errors().toString());
    }

    @Test
    void reportsPlaceOfJsonError() {
        read("{\n  \"a\": tru\n}");
        assertTrue(findings.errors().isEmpty(), "as YAML it is well-formed");
        read("{\n  \"a\": [1\n");
        Finding finding = findings.errors().getFirst();
        assertTrue(finding.message().startsWith("is not JSON"), finding.message());
        assertTrue(finding.line() >= 2);
    }

    @Test
    void refusesTooDeepNesting() {
        read("[".repeat(5000));
        assertTrue(findings.errors().getFirst().message().contains("nested too deep"));
        Findings json = new Findings();
        Documents.readJson("[".repeat(5000), json);
        assertTrue(json.errors().getFirst().message().contains("nested too deep"));
    }

    @Test
    void refusesInvalidUtf8AndControlCharacters() {
        Documents.read(new byte[] {'a', ':', ' ', (byte) 0xff}, findings);
        assertTrue(findings.errors().getFirst().message().contains("UTF-8"));
        Findings control = new Findings();
        Documents.read("a: 1\nb: \u0001\n".getBytes(StandardCharsets.UTF_8), control);
        assertEquals(
                "2:4: is not YAML: the character U+0001 is not allowed",
                control.errors().getFirst().toString());
    }

    @Test
    void canonicalTextSortsKeysAndDropsNulls() {
        Node node = read("b: {z: 1, a: ~}\na: [~, 0x10, 1.50]\n").getFirst();
        assertEquals("{\"a\":[null,16,1.5],\"b\":{\"z\":1}}", JsonText.canonical(node));
    }

    @ParameterizedTest
    @CsvSource({
        "contianers, containers",
        "restartpolicy, restartPolicy",
        "lables, labels",
        "nodename, nodeName",
        "xyz, ",
    })
    void findsClosestWord(String word, String meant) {
        assertEquals(
                meant,
                Spelling.closest(word, List.of("containers", "restartPolicy", "labels", "nodeName", "initContainers")));
    }
}
