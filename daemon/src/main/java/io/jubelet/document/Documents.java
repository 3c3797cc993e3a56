/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the documents of a file. As in the kubelet, text that starts with a brace is JSON, and all
 * other text is YAML.
 */
public final class Documents {

    /** How many levels of lists and mappings a document can have. */
    static final int MAX_DEPTH = 100;

    private Documents() {}

    /**
     * Reads all documents that are not empty.
     *
     * @param findings receives repeated keys, and the first syntax error, which ends the reading
     */
    public static List<Node> read(byte[] content, Findings findings) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            findings.error(0, 0, "is not UTF-8 text; save the file in UTF-8");
            return List.of();
        }
        if (text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        Findings syntax = new Findings();
        List<Node> nodes = beginsWithBrace(text) ? readBraces(text, syntax) : YamlReader.read(text, syntax);
        Finding template = syntax.errorCount() == 0 ? null : Templates.find(text, syntax.errors());
        if (template != null) {
            findings.error(template);
            return List.of();
        }
        for (Finding finding : syntax.errors()) {
            findings.error(finding);
        }
        return nodes;
    }

    /** Reads one JSON document; null when the text is not one well-formed document. */
    public static @Nullable Node readJson(String text, Findings findings) {
        List<Node> nodes = JsonReader.read(text, findings);
        return nodes.size() == 1 ? nodes.getFirst() : null;
    }

    /**
     * A flow mapping of YAML also starts with a brace. If the text is neither, the findings are
     * those of the JSON reader.
     */
    private static List<Node> readBraces(String text, Findings findings) {
        Findings asJson = new Findings();
        List<Node> nodes = JsonReader.read(text, asJson);
        if (asJson.errorCount() > 0) {
            Findings asYaml = new Findings();
            List<Node> yaml = YamlReader.read(text, asYaml);
            if (asYaml.errorCount() == 0) {
                return yaml;
            }
        }
        for (Finding finding : asJson.errors()) {
            findings.error(finding);
        }
        return nodes;
    }

    private static boolean beginsWithBrace(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!Character.isWhitespace(text.charAt(i))) {
                return text.charAt(i) == '{';
            }
        }
        return false;
    }
}
