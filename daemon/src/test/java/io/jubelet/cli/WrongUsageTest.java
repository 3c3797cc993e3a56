/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WrongUsageTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    gett                              | error: unknown command gett           | Did you mean: jubelet get?
                    --api-socket=/x gett              | error: unknown command gett           | Did you mean: jubelet get?
                    get podz                          | error: unknown command podz           | See jubelet get --help
                    run --pod-manifest-pat=/x         | error: unknown option --pod-manifest-pat=/x | --pod-manifest-path
                    run here                          | error: unexpected argument here       | See jubelet run --help
                    logs                              | error: name a pod, or choose pods by -l | See jubelet logs --help
                    get pods -o jsn                   | error: Invalid value for option '--output' | See jubelet get pods --help
                    --api-socket=/x get               | error: get what?                      | Usage: jubelet get
                    describe                          | error: describe what?                 | Usage: jubelet describe
                    """)
    void theFirstLineSaysWhatIsWrongAndTheOthersWhatWouldBeRight(String line, String first, String hint) {
        String said = said(line.split(" "));
        assertTrue(said.startsWith(first), said);
        assertTrue(said.contains(hint), said);
    }

    @Test
    void noCommandShowsThemAll() {
        assertTrue(said().contains("jubelet describe pod web"));
    }

    private static String said(String... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());
        Terminal terminal =
                new Terminal(nowhere, new PrintStream(err, true, StandardCharsets.UTF_8), InstantSource.system());
        assertEquals(2, new JubeletCommand(terminal, _ -> 0).execute(arguments));
        return err.toString(StandardCharsets.UTF_8);
    }
}
