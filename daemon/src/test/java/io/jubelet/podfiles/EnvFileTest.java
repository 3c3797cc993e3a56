/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
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

    @Test
    void readsFilesInsideOfTheVolumeOnly() throws IOException {
        Files.createDirectories(volume.resolve("a/b"));
        Files.writeString(volume.resolve("a/b/file"), "K='x'\r\n");
        Path secret = Files.writeString(volume.resolveSibling("secret-" + volume.getFileName()), "K='secret'");
        Files.createSymbolicLink(volume.resolve("link"), secret);
        Path up = Files.createSymbolicLink(volume.resolve("up"), volume.getParent());
        assertEquals(Optional.of("K='x'\n"), EnvFile.read(volume, "a/./b/file", WHERE));
        assertEquals(Optional.empty(), EnvFile.read(volume, "a/none", WHERE));
        assertEquals(Optional.empty(), EnvFile.read(volume.resolve("none"), "file", WHERE));
        for (String path : new String[] {"link", "up/" + secret.getFileName(), "../" + secret.getFileName(), "a"}) {
            IOException refused = assertThrows(IOException.class, () -> EnvFile.read(volume, path, WHERE), path);
            assertTrue(refused instanceof java.nio.file.FileSystemException
                    || refused.getMessage().startsWith(WHERE));
        }
        Files.delete(secret);
        Files.delete(up);
    }

    private static String unescaped(String text) {
        return text.replace("\\\\", "\u0000")
                .replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\t", "\t")
                .replace("\u0000", "\\");
    }
}
