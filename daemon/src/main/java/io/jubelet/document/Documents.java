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

    /**
     * The size in bytes of the largest file that is read as a document. Source: a request to an API server has at most 3 MiB
     * ({@code MaxRequestBodyBytes}), so this holds all that a cluster accepts.
     */
    public static final int MAX_SIZE = 3 << 20;

    /**
     * How many values (lists, mappings, strings and so on) the documents of one file can have, with those that YAML's
     * aliases repeat. A pod has some hundred. Each costs up to 160 bytes of memory: 16 MB in all.
     */
    public static final int MAX_NODES = 100_000;

    /** How many levels of lists and mappings a document can have. */
    static final int MAX_DEPTH = 100;

    /**
     * How many characters a key can have. The longest one of Kubernetes, of an annotation, has 317. Messages quote keys, and
     * those about a field have all keys above it.
     */
    static final int MAX_KEY = 1024;

    static final String TOO_DEEP = "is nested too deeply; at most 100 levels are allowed";
    static final String TOO_MANY_NODES =
            "has more than 100000 values, counted with those that aliases repeat; divide it into several files";

    private Documents() {}

    static String keyTooLong(String key) {
        return "a key has " + key.length() + " characters; at most 1024 are allowed";
    }

    /**
     * Reads all documents that are not empty.
     *
     * @param findings receives repeated keys, and the first syntax error, which ends the reading
     */
    public static List<Node> read(byte[] content, Findings findings) {
        String text = text(content);
        if (text == null) {
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

    /** Null when the bytes are not UTF-8. */
    private static @Nullable String text(byte[] content) {
        if (isAscii(content)) {
            // Needs a third of the memory: the decoder makes an array of two bytes for each character first.
            return new String(content, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static boolean isAscii(byte[] content) {
        for (byte each : content) {
            if (each < 0) {
                return false;
            }
        }
        return true;
    }

    /** Reads one JSON document of at most {@link #MAX_NODES} values; null when the text is not one well-formed document. */
    public static @Nullable Node readJson(String text, Findings findings) {
        return readJson(text, MAX_NODES, findings);
    }

    /** Reads one JSON document; null when the text is not one well-formed document, or has more values than that. */
    public static @Nullable Node readJson(String text, int maxNodes, Findings findings) {
        List<Node> nodes = JsonReader.read(text, maxNodes, findings);
        return nodes.size() == 1 ? nodes.getFirst() : null;
    }

    /**
     * A flow mapping of YAML also starts with a brace. If the text is neither, the findings are
     * those of the JSON reader.
     */
    private static List<Node> readBraces(String text, Findings findings) {
        Findings asJson = new Findings();
        List<Node> nodes = JsonReader.read(text, MAX_NODES, asJson);
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
