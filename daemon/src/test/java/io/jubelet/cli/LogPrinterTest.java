/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.api.LocalClient;
import io.jubelet.cli.LogPrinter.ContainerLog;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LogPrinterTest {

    private static final ContainerLog WEB = new ContainerLog("web-n", "app", "web");
    private static final ContainerLog DB = new ContainerLog("db-n", "db", "db");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private LogPrinter printer(boolean prefixed, boolean coloured, boolean escaped) {
        return new LogPrinter(terminal(out), prefixed, coloured, escaped);
    }

    private Terminal terminal(OutputStream output) {
        return new Terminal(
                new PrintStream(output, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> Instant.EPOCH);
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void logsComeOneAfterTheOtherInWholeLines() throws Exception {
        assertTrue(printer(true, false, false)
                .print(List.of(WEB, DB), false, log -> text(log == WEB ? "one\n\ntwo" : "three\n")));
        assertEquals("[pod/web-n/app] one\n[pod/web-n/app] \n[pod/web-n/app] two\n[pod/db-n/db] three\n", out());
    }

    @Test
    void eachLogHasItsColour() throws Exception {
        assertTrue(printer(true, true, false).print(List.of(WEB, DB), false, log -> text(log.target() + "\n")));
        assertEquals("\u001b[36m[pod/web-n/app]\u001b[0m web\n\u001b[33m[pod/db-n/db]\u001b[0m db\n", out());
    }

    @Test
    void bytesStayAsTheyAreUnlessTheyWouldActOnATerminal() throws Exception {
        byte[] bytes = {(byte) 0xff, 27, 'c', '\n'};
        assertTrue(printer(false, false, false).print(List.of(WEB), false, _ -> new ByteArrayInputStream(bytes)));
        assertArrayEquals(bytes, out.toByteArray());
        out.reset();
        assertTrue(printer(false, false, true).print(List.of(WEB), false, _ -> text("\u001bc\n")));
        assertEquals("\\u001bc\n", out());
    }

    @Test
    void endlessLineIsPrintedInParts() throws Exception {
        String line = "x".repeat(LogPrinter.MAX_LINE);
        assertTrue(printer(false, false, false).print(List.of(WEB), false, _ -> text(line + "y\nz")));
        assertEquals(line + "\ny\nz\n", out());
        out.reset();
        assertTrue(printer(false, false, false).print(List.of(WEB), false, _ -> text(line + "\nz\n")));
        assertEquals(line + "\nz\n", out());
    }

    @Test
    void linesOfSeveralLogsAreNotMixed() throws Exception {
        PipedOutputStream web = new PipedOutputStream();
        PipedInputStream fromWeb = new PipedInputStream(web);
        CountDownLatch begun = new CountDownLatch(1);
        Thread writer = Thread.ofVirtual().start(() -> {
            try (web) {
                web.write("half a ".getBytes(StandardCharsets.UTF_8));
                begun.await();
                web.write("line\n".getBytes(StandardCharsets.UTF_8));
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertTrue(printer(false, false, false).print(List.of(WEB, DB), true, log -> {
            if (log == WEB) {
                return fromWeb;
            }
            return new ByteArrayInputStream("whole\n".getBytes(StandardCharsets.UTF_8)) {
                @Override
                public void close() {
                    begun.countDown(); // the other line ends after this log
                }
            };
        }));
        writer.join();
        assertEquals("whole\nhalf a line\n", out());
    }

    @Test
    void logThatCannotBeReadDoesNotHoldUpTheOthers() throws Exception {
        assertFalse(printer(false, false, false).print(List.of(WEB, DB), true, log -> {
            if (log == WEB) {
                throw LocalClient.refused(400, "{\"message\":\"waiting to start\"}".getBytes(StandardCharsets.UTF_8));
            }
            return text("fine\n");
        }));
        assertEquals("fine\n", out());
        assertEquals("error: web-n/app: waiting to start\n", err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void printingEndsWhenTheReaderOfTheOutputIsGone() throws Exception {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        LogPrinter printer = new LogPrinter(terminal(closed), false, false, false);
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return '\n';
            }
        };
        assertTrue(printer.print(List.of(WEB, DB), true, _ -> endless));
        assertTrue(printer.print(List.of(WEB, DB), false, _ -> endless));
    }
}
