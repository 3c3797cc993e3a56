/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LineLoggerTest {

    @Test
    void lineHasTimeLevelLoggerAndMessage() {
        assertEquals(
                "2026-11-21T08:05:09.042Z INFO PodWorker - it runs\n",
                LineLogger.line(Instant.parse("2026-11-21T08:05:09.042Z"), Level.INFO, "PodWorker", "it runs", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1970-01-01T00:00:00.000Z",
                "1999-12-31T23:59:59.999Z",
                "2024-02-29T12:00:10.100Z",
                "0999-01-09T00:10:00.001Z",
                "2038-01-19T03:14:08.010Z"
            })
    void writesIsoTimes(String text) {
        StringBuilder out = new StringBuilder();
        UtcTime.append(out, Instant.parse(text));
        assertEquals(text, out.toString());
    }

    @Test
    void appendsStackTrace() {
        String line = LineLogger.line(
                Instant.EPOCH,
                Level.WARN,
                "Loop",
                "no turn",
                new IllegalStateException("twice", new Exception("once")));
        assertTrue(line.startsWith(
                "1970-01-01T00:00:00.000Z WARN Loop - no turn\njava.lang.IllegalStateException: twice\n"));
        assertTrue(line.contains("\n\tat io.jubelet.logging.LineLoggerTest."), line);
        assertTrue(line.contains("\nCaused by: java.lang.Exception: once\n"), line);
        assertTrue(line.endsWith("\n"), line);
    }

    @Test
    void nothingBelowItsLevelIsWritten() {
        LineLogger logger = new LineLogger("io.jubelet.boot.Daemon", Level.INFO, false);
        assertTrue(logger.isInfoEnabled() && logger.isWarnEnabled() && logger.isErrorEnabled());
        assertFalse(logger.isDebugEnabled() || logger.isTraceEnabled());
    }

    @Test
    void librariesLogWarningsAndErrors() {
        LogProvider provider = new LogProvider();
        assertFalse(
                provider.getLoggerFactory().getLogger("io.netty.util.Version").isInfoEnabled());
        assertTrue(
                provider.getLoggerFactory().getLogger("io.netty.util.Version").isWarnEnabled());
    }

    @ParameterizedTest
    @ValueSource(strings = {"debug", "DEBUG"})
    void parsesLevelName(String name) {
        assertEquals(Level.DEBUG, LogProvider.lowest(name));
    }

    @Test
    void slf4jFindsIt() {
        assertEquals(LineLogger.class, LoggerFactory.getLogger("any").getClass());
    }

    @Test
    void theJournalGetsAPriorityBeforeEachLineAndNoTime() {
        assertEquals("<6>PodWorker - it\\nruns\n", LineLogger.journalLines(Level.INFO, "PodWorker", "it\nruns", null));
        assertEquals("<7>PodWorker - it\n", LineLogger.journalLines(Level.DEBUG, "PodWorker", "it", null));
        String lines = LineLogger.journalLines(Level.ERROR, "Loop", "no turn", new IllegalStateException("twice"));
        assertTrue(lines.startsWith("<3>Loop - no turn\n<3>java.lang.IllegalStateException: twice\n<3>\tat "), lines);
        assertTrue(lines.lines().allMatch(line -> line.startsWith("<3>")), lines);
    }

    @Test
    void onlyAStandardErrorThatIsTheJournalsIsTheJournal(@TempDir Path dir) throws IOException {
        Path fd = Files.createSymbolicLink(dir.resolve("2"), Path.of("socket:[4711]"));
        assertTrue(LogProvider.journal("8:4711", fd));
        assertFalse(LogProvider.journal("8:47", fd), "standard error was redirected");
        assertFalse(LogProvider.journal(null, fd));
        assertFalse(LogProvider.journal("8:4711", dir.resolve("none")));
    }
}
