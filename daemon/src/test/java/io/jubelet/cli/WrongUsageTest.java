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
import org.junit.jupiter.params.provider.ValueSource;

class WrongUsageTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    gett                              | error: unknown command gett           | Did you mean: jubelet get?
                    --api-socket=/x gett              | error: unknown command gett           | Did you mean: jubelet get?
                    get podz                          | error: unknown command podz           | See jubelet get --help
                    drain --help                      | error: unknown command drain          | Usage: jubelet
                    --help dscribe                    | error: unknown command dscribe        | Did you mean: jubelet describe?
                    --version gett                    | error: unknown command gett           | Did you mean: jubelet get?
                    help gett                         | error: unknown command gett           | Did you mean: jubelet get?
                    get podz --help                   | error: unknown command podz           | Did you mean: jubelet get pods?
                    help get podz                     | error: unknown command podz           | Did you mean: jubelet get pods?
                    --hlep                            | error: unknown option --hlep          | Did you mean: --help?
                    get pods --no-header --help       | error: unknown option --no-header     | Did you mean: --no-headers?
                    logs web --tial=3                 | error: unknown option --tial=3        | Did you mean: --tail?
                    get pods a b --help               | error: unexpected argument b          | See jubelet get pods --help
                    apply -                           | error: standard input has no name     | --as=NAME.yaml
                    apply --wait=redy web.yaml        | error: Invalid value for option '--wait' | See jubelet apply --help
                    diff                              | error: Missing required parameter: 'FILE' | See jubelet diff --help
                    run --help --root-dri=/x          | error: unknown option --root-dri=/x   | did you mean --root-dir?
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

    @ParameterizedTest
    @ValueSource(
            strings = {"help", "help get", "help get pods", "help run", "--api-socket=/x help logs", "get pods web -h"})
    void helpOnWhatIsKnownIsNoError(String line) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(PrintStream.nullOutputStream()),
                InstantSource.system());
        assertEquals(0, new JubeletCommand(terminal, _ -> 0).execute(line.split(" ")));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("Usage: jubelet"), line);
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
