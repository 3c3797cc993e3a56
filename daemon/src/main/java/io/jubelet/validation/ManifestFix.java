/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.validation;

import io.jubelet.document.Documents;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import io.jubelet.manifest.ManifestFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Mends what is safe to mend in the text of a manifest, and keeps its comments and layout: what an API server or a kubelet added
 * goes, misspelt fields and words are corrected, and fields at the wrong level are moved. A removal or a move is made only if the
 * text then means exactly that; so text in flow style stays as it is. Pure.
 */
public final class ManifestFix {

    /** Bounds the work for one file. */
    private static final int MAX_MENDS = 1000;

    /** Messages that name exactly one way to mend a word: the word, and what it shall be. */
    private static final List<Pattern> WORDS = List.of(
            Pattern.compile(".* has no field \"([^\"]+)\"; did you mean \"([^\"]+)\"\\?"),
            Pattern.compile("must be .*, but is \"([^\"]+)\"; did you mean \"([^\"]+)\"\\?"),
            Pattern.compile("\"([^\"]+)\" must be written without its prefix, as (\\w+)"),
            Pattern.compile("\"([^\"]+)\" is not a Linux capability; did you mean \"([^\"]+)\"\\?"));

    private static final Pattern PLACE =
            Pattern.compile(".* has no field \"[^\"]+\"; it belongs to ([\\w.\\[\\]]+|the top level)");

    private final ManifestFile.Source source;

    private ManifestFix(ManifestFile.Source source) {
        this.source = source;
    }

    /** The mended text; the same text if nothing can be mended. */
    public static String of(String text, ManifestFile.Source source) {
        ManifestFix fix = new ManifestFix(source);
        String mended = text;
        for (int i = 0; i < MAX_MENDS; i++) {
            Optional<String> next = fix.next(mended);
            if (next.isEmpty()) {
                return mended;
            }
            mended = next.get();
        }
        return mended;
    }

    private Optional<String> next(String text) {
        Findings syntax = new Findings();
        List<Node> documents = read(text, syntax);
        if (syntax.errorCount() > 0) {
            return Optional.empty();
        }
        BlockText block = BlockText.of(text);
        boolean json = text.stripLeading().startsWith("{");
        for (int i = 0; i < documents.size() && !json; i++) {
            Optional<String> shorter = withoutAdded(documents, i, block);
            if (shorter.isPresent()) {
                return shorter;
            }
        }
        List<Finding> errors = errors(text);
        for (Finding error : errors) {
            Optional<String> mended = corrected(error, block);
            if (mended.isEmpty() && !json) {
                mended = moved(error, documents, block);
            }
            if (mended.isPresent()) {
                return mended;
            }
        }
        return Optional.empty();
    }

    private static List<Node> read(String text, Findings findings) {
        return Documents.read(text.getBytes(StandardCharsets.UTF_8), findings);
    }

    private List<Finding> errors(String text) {
        return ManifestFile.parse(text.getBytes(StandardCharsets.UTF_8), source).errors();
    }

    private static Optional<String> withoutAdded(List<Node> documents, int index, BlockText block) {
        Node document = documents.get(index);
        for (ServerFields.Added added : ServerFields.of(document)) {
            Optional<String> shorter = switch (added) {
                case ServerFields.OfMapping(Node.Entry entry) ->
                    meaning(
                            block.withoutEntry(entry.line(), entry.column()),
                            documents,
                            index,
                            NodeEdit.without(document, entry));
                case ServerFields.OfList(Node item) ->
                    meaning(
                            block.withoutItem(item.line(), item.column()),
                            documents,
                            index,
                            NodeEdit.without(document, item));
            };
            if (shorter.isPresent()) {
                return shorter;
            }
        }
        return Optional.empty();
    }

    /** A text if it means what is expected: the document with an index is {@code expected}, and the others are as before. */
    private static Optional<String> meaning(Optional<BlockText> text, List<Node> before, int index, Node expected) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Findings findings = new Findings();
        List<Node> after = read(text.get().text(), findings);
        List<Node> wanted = new ArrayList<>(before);
        wanted.set(index, expected);
        return findings.errorCount() == 0 && canonical(after).equals(canonical(wanted))
                ? Optional.of(text.get().text())
                : Optional.empty();
    }

    private static List<String> canonical(List<Node> documents) {
        return documents.stream().map(JsonText::canonical).toList();
    }

    private Optional<String> corrected(Finding error, BlockText block) {
        for (Pattern pattern : WORDS) {
            Matcher message = pattern.matcher(error.message());
            if (error.line() > 0 && message.matches()) {
                Optional<String> text = block.withWord(error.line(), error.column(), message.group(1), message.group(2))
                        .map(BlockText::text);
                // A field that is there twice then would be an error in the place of another.
                return text.filter(mended -> {
                    Findings syntax = new Findings();
                    read(mended, syntax);
                    return syntax.errorCount() == 0 && !errors(mended).contains(error);
                });
            }
        }
        return Optional.empty();
    }

    private static Optional<String> moved(Finding error, List<Node> documents, BlockText block) {
        Matcher message = PLACE.matcher(error.message());
        if (!message.matches()) {
            return Optional.empty();
        }
        for (int i = 0; i < documents.size(); i++) {
            Node document = documents.get(i);
            Optional<Node.Entry> entry = NodeEdit.entryAt(document, error.line(), error.column());
            Optional<Node.Mapping> target = NodeEdit.at(document, message.group(1));
            if (entry.isPresent()
                    && target.isPresent()
                    && target.get().get(entry.get().key()) == null) {
                Node.Entry first = target.get().entries().getFirst();
                return meaning(
                        block.withMoved(error.line(), error.column(), first.line(), first.column()),
                        documents,
                        i,
                        NodeEdit.with(NodeEdit.without(document, entry.get()), target.get(), entry.get()));
            }
        }
        return Optional.empty();
    }
}
