/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LogProviderTest {

    /** Logs one line as the daemon does, in a JVM of its own because SLF4J chooses its provider once. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            LogProvider.choose(Level.INFO);
            LoggerFactory.getLogger("a.b.Program").info("started");
            LoggerFactory.getLogger("a.b.Program").debug("hidden");
        }
    }

    @Test
    void firstLineIsThatOfTheProgram() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName())
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertEquals(0, process.waitFor(), lines::toString);
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.getFirst().endsWith(" INFO Program - started"), lines::toString);
    }
}
