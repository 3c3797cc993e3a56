/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.node.SafeDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvFileTest {

    private static final String WHERE = "file \"f\"";

    @TempDir
    private Path volume;

    @ParameterizedTest(name = "{0}")
    @CsvSource(quoteCharacter = '"', delimiter = '|', textBlock = """
                    K='value'                      | value
                    K='  kept  '                   | "  kept  "
                    \\t  K='indented'               | indented
                    # K='no'\\nK='yes'              | yes
                    \\n  \\nK='after blanks'         | after blanks
                    K='a#b' # comment              | a#b
                    K='two\\nlines'\\nL='x'          | two\\nlines
                    L='1\\n2'\\nK='after two lines'  | after two lines
                    K='first'\\nK='second'          | first
                    K='$HOME \\\\n'                  | $HOME \\\\n
                    K='dos'\\r\\nL='x'\\r\\n           | dos
                    """)
    void returnsTheTextBetweenTheQuotesUnchanged(String file, String value) throws IOException {
        assertEquals(
                Optional.of(unescaped(value)), EnvFile.value(unescaped(file).replace("\r", ""), "K", WHERE));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {"L='x'", "K=''", "K= 'after a blank'", "# K='x'", "KK='x'"})
    void returnsNothingIfThereIsNoValue(String file) throws IOException {
        assertEquals(Optional.empty(), EnvFile.value(unescaped(file), "K", WHERE));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(quoteCharacter = '"', delimiter = '|', textBlock = """
                    no equals sign        | file "f", line 1: missing '='
                    K=bare                | file "f", line 1: value must be enclosed in single quotes
                    K                     | file "f", line 1: missing '='
                    \\nK ='x'              | file "f", line 2: a name must stand directly before '='
                    ='x'                  | file "f", line 1: a name must stand directly before '='
                    A='1\\n2'\\nK='x        | file "f", line 3: unclosed single quote
                    K='x' y               | file "f", line 1: unexpected content after closing quote
                    """)
    void rejectsMalformedLinesWithTheirNumber(String file, String message) {
        IOException wrong = assertThrows(IOException.class, () -> EnvFile.value(unescaped(file), "K", WHERE));
        assertEquals(message, wrong.getMessage());
    }

    private Optional<String> read(String path) throws IOException {
        try (SafeDirectory opened = SafeDirectory.open(volume)) {
            return EnvFile.read(opened, path, WHERE);
        }
    }

    @Test
    void limitsTheSizeOfTheFile() throws IOException {
        String most = "K='" + "x".repeat(EnvFile.MAX_BYTES - 4) + "'";
        Path file = Files.writeString(volume.resolve("file"), most);
        assertEquals(Optional.of(most), read("file"));
        Files.writeString(file, most + "\n");
        IOException wrong = assertThrows(IOException.class, () -> read("file"));
        assertEquals("file \"f\" is larger than 262144 bytes", wrong.getMessage());
    }

    @Test
    void readsFilesInsideOfTheVolumeOnly() throws IOException {
        Files.createDirectories(volume.resolve("a/b"));
        Files.writeString(volume.resolve("a/b/file"), "K='x'\r\n");
        Path secret = Files.writeString(volume.resolveSibling("secret-" + volume.getFileName()), "K='secret'");
        Files.createSymbolicLink(volume.resolve("link"), secret);
        Path up = Files.createSymbolicLink(volume.resolve("up"), volume.getParent());
        assertEquals(Optional.of("K='x'\n"), read("a/./b/file"));
        assertEquals(Optional.empty(), read("a/none"));
        for (String path : new String[] {"link", "up/" + secret.getFileName(), "../" + secret.getFileName(), "a"}) {
            IOException refused = assertThrows(IOException.class, () -> read(path), path);
            assertTrue(refused instanceof java.nio.file.FileSystemException
                    || refused.getMessage().startsWith(WHERE));
        }
        Files.delete(secret);
        Files.delete(up);
    }

    @Test
    void waitsForNoPipe() throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", volume.resolve("pipe").toString())
                        .start()
                        .waitFor());
        IOException refused = assertThrows(IOException.class, () -> read("pipe"));
        assertEquals(WHERE + " is not a regular file", refused.getMessage());
    }

    /** A container swaps the file for a pipe and back, as fast as possible; an open of the pipe would never return. */
    @Test
    void concurrentSwapsCannotBlock() throws Exception {
        Path place = volume.resolve("file");
        Path pipe = volume.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Files.writeString(place, "K='x'\n");
        AtomicBoolean done = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            try {
                while (!done.get()) {
                    Files.writeString(volume.resolve("new"), "K='x'\n");
                    Files.move(volume.resolve("new"), place, StandardCopyOption.ATOMIC_MOVE);
                    Files.createLink(volume.resolve("new"), pipe);
                    Files.move(volume.resolve("new"), place, StandardCopyOption.ATOMIC_MOVE);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        AtomicInteger read = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Thread reader = Thread.ofPlatform().daemon().start(() -> {
            long end = System.nanoTime() + 1_000_000_000L;
            while (System.nanoTime() < end || read.get() == 0 || refused.get() == 0) {
                try {
                    assertEquals(Optional.of("K='x'\n"), read("file"));
                    read.incrementAndGet();
                } catch (IOException _) {
                    refused.incrementAndGet();
                }
            }
        });
        assertTrue(reader.join(Duration.ofSeconds(60)), "a read is blocked");
        assertTrue(swapper.isAlive());
        done.set(true);
        swapper.join();
        assertTrue(read.get() > 0 && refused.get() > 0, read + " read, " + refused + " refused");
    }

    private static String unescaped(String text) {
        return text.replace("\\\\", "\u0000")
                .replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\t", "\t")
                .replace("\u0000", "\\");
    }
}
