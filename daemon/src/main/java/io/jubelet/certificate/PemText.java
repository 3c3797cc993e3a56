package io.jubelet.certificate;

import io.jubelet.document.FileProblem;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * A text in PEM, which may hold a key.
 *
 * @param source where it is from, for messages: a file, or a field of one
 * @param text never shown
 */
public record PemText(String source, String text) {

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final int LINE = 64;

    /** A certificate file larger than this is something else. */
    private static final long MAX_BYTES = 4 << 20;

    public PemText {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(text, "text");
    }

    /** One block: its label, such as {@code CERTIFICATE}, and what it holds in DER; the lines as they stand there. */
    record Block(String label, byte[] der, String lines) {
        @Override
        public String toString() {
            return "PEM block " + label;
        }
    }

    /** Reads a file. Blocks. */
    public static PemText read(Path file) throws UnusableCertificateException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new UnusableCertificateException(file + ": too large for a file in PEM");
            }
            return new PemText(file.toString(), Files.readString(file));
        } catch (UnusableCertificateException e) {
            throw e;
        } catch (CharacterCodingException e) {
            throw new UnusableCertificateException(file + ": not a text, so not in PEM", e);
        } catch (IOException e) {
            throw new UnusableCertificateException(file + ": cannot be read: " + FileProblem.reason(e), e);
        }
    }

    /** What stands between the blocks is no concern of anybody, as in every reader of PEM. */
    List<Block> blocks() throws UnusableCertificateException {
        List<Block> blocks = new ArrayList<>();
        int at = text.indexOf(BEGIN);
        while (at >= 0) {
            int labelEnd = text.indexOf(DASHES, at + BEGIN.length());
            String label = labelEnd < 0 ? "" : text.substring(at + BEGIN.length(), labelEnd);
            int end = labelEnd < 0 ? -1 : text.indexOf(END + label + DASHES, labelEnd);
            if (end < 0 || label.indexOf('\n') >= 0) {
                throw new UnusableCertificateException(source + ": the PEM block that begins in line " + line(at)
                        + " has no end: the text is cut off");
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
                    + " is encrypted; a daemon has nobody to ask for the password, so it must be there in the clear");
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

    /** A block in PEM. */
    static String block(String label, byte[] der) {
        byte[] lineEnd = {'\n'};
        return BEGIN + label + DASHES + "\n"
                + Base64.getMimeEncoder(LINE, lineEnd).encodeToString(der) + "\n" + END + label + DASHES + "\n";
    }

    /** Where it is from. */
    @Override
    public String toString() {
        return source;
    }
}
