/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import io.jubelet.document.FileProblem;
import io.jubelet.document.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * A text in PEM that can hold private keys. {@link #toString()} shows only its source.
 *
 * @param source where it comes from, for messages: a file, or a field of one
 * @param text the text, which never appears in messages
 */
public record PemText(String source, String text) {

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final int LINE = 64;

    /** The largest file, in bytes: five times the certificates of all public authorities. */
    static final int MAX_BYTES = 1 << 20;

    public PemText {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(text, "text");
    }

    /**
     * A block.
     *
     * @param label such as {@code CERTIFICATE}
     * @param der the decoded contents
     * @param lines the block as it is in the text
     */
    record Block(String label, byte[] der, String lines) {
        @Override
        public String toString() {
            return "PEM block " + label;
        }
    }

    /** Reads a file. Blocks. */
    public static PemText read(Path file) throws UnusableCertificateException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(SmallFile.read(file, MAX_BYTES)))
                    .toString();
            return new PemText(file.toString(), text);
        } catch (CharacterCodingException e) {
            throw new UnusableCertificateException(file + ": not a text file, so not in PEM", e);
        } catch (IOException e) {
            throw new UnusableCertificateException(file + ": cannot be read: " + FileProblem.reason(e), e);
        }
    }

    /** Returns the blocks. Text between blocks is ignored, as in every PEM reader. */
    List<Block> blocks() throws UnusableCertificateException {
        List<Block> blocks = new ArrayList<>();
        int at = text.indexOf(BEGIN);
        while (at >= 0) {
            int labelEnd = text.indexOf(DASHES, at + BEGIN.length());
            String label = labelEnd < 0 ? "" : text.substring(at + BEGIN.length(), labelEnd);
            int end = labelEnd < 0 ? -1 : text.indexOf(END + label + DASHES, labelEnd);
            if (end < 0 || label.indexOf('\n') >= 0) {
                throw new UnusableCertificateException(source + ": the PEM block that begins in line " + line(at)
                        + " has no end: the text is truncated");
            }
            int after = end + END.length() + label.length() + DASHES.length();
            blocks.add(
                    new Block(label, decode(label, labelEnd + DASHES.length(), end), text.substring(at, after) + "\n"));
            at = text.indexOf(BEGIN, after);
        }
        if (blocks.isEmpty()) {
            throw new UnusableCertificateException(
                    source + (text.isBlank() ? ": empty" : ": not in PEM: no line begins with " + BEGIN.strip()));
        }
        return blocks;
    }

    private byte[] decode(String label, int from, int to) throws UnusableCertificateException {
        String body = text.substring(from, to);
        if (body.contains("ENCRYPTED")) {
            throw new UnusableCertificateException(source + ": the " + label
                    + " is encrypted; a daemon cannot prompt for the password, so the key must be unencrypted");
        }
        try {
            return Base64.getMimeDecoder().decode(body);
        } catch (IllegalArgumentException e) {
            throw new UnusableCertificateException(
                    source + ": the " + label + " in line " + line(from) + " is not in Base64", e);
        }
    }

    private long line(int offset) {
        return text.substring(0, offset).chars().filter(c -> c == '\n').count() + 1;
    }

    /** Returns a block in PEM. */
    static String block(String label, byte[] der) {
        byte[] lineEnd = {'\n'};
        return BEGIN + label + DASHES + "\n"
                + Base64.getMimeEncoder(LINE, lineEnd).encodeToString(der) + "\n" + END + label + DASHES + "\n";
    }

    /** Returns the source. */
    @Override
    public String toString() {
        return source;
    }
}
