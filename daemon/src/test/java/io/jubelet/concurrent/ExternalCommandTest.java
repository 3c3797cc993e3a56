/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalCommandTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private ExternalCommand shell(String script, String input, Duration deadline) {
        return new ExternalCommand(
                "program",
                List.of("/bin/sh", "-c", script, "program", "first"),
                Map.of("COLOUR", "blue", "DIR", directory.toString()),
                input.isEmpty() ? Optional.empty() : Optional.of(input),
                deadline);
    }

    private String problem(String script, String input, Duration deadline) {
        return assertThrows(
                        ExternalCommand.FailedException.class,
                        () -> shell(script, input, deadline).run())
                .getMessage();
    }

    private void awaitEndOf(String pidFile) throws Exception {
        long pid = Long.parseLong(Files.readString(directory.resolve(pidFile)).strip());
        ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
        assertTrue(ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void passesInputArgumentsAndEnvironment() throws Exception {
        assertEquals(
                "question first blue\n",
                shell("echo $(cat) $1 $COLOUR", "question", LONG).run());
    }

    @Test
    void withoutInputThereIsNothingToRead() throws Exception {
        assertEquals("nothing\n", shell("cat; echo nothing", "", LONG).run());
    }

    @Test
    void theProgramNeedNotReadItsInput() throws Exception {
        assertEquals(
                "known\n",
                shell("exec <&-; echo known", "question".repeat(100_000), LONG).run());
    }

    @Test
    void theFailureShowsTheEndOfStandardErrorAndNoOutput() {
        String told = problem("echo secret; echo no such account >&2; exit 3", "", LONG);
        assertEquals("ended with exit code 3: no such account", told);
        assertEquals("ended with exit code 4", problem("echo secret; exit 4", "", LONG));
        String much = problem("for i in $(seq 100000); do echo line $i; done >&2; echo; exit 5", "", LONG);
        assertTrue(much.startsWith("ended with exit code 5: ..."), much);
        assertTrue(much.endsWith(" line 99999 line 100000"), much);
        assertTrue(much.length() < 400, much);
    }

    @Test
    void theDeadlineKillsTheProgramWithItsDescendants() throws Exception {
        String script = "sleep 1000 & echo $! >$DIR/child; echo $$ >$DIR/own; wait";
        // Long enough for it to have written both.
        assertEquals("did not end within 3 s", problem(script, "", Duration.ofSeconds(3)));
        awaitEndOf("own");
        awaitEndOf("child");
    }

    @Test
    void inputThatIsNotReadDoesNotBlock() throws Exception {
        String problem = problem("echo $$ >$DIR/own; exec sleep 1000", "q".repeat(1 << 20), Duration.ofSeconds(3));
        assertEquals("did not end within 3 s", problem);
        awaitEndOf("own");
    }

    @Test
    void limitsTheOutput() throws Exception {
        assertEquals(1 << 20, shell("head -c 1048576 /dev/zero", "", LONG).run().length());
        assertEquals("wrote more than 1048576 bytes", problem("head -c 1048577 /dev/zero", "", LONG));
        assertEquals("wrote more than 1048576 bytes", problem("cat /dev/zero", "", LONG));
    }

    /** The pause has the reader wait for more when the program ends, which is another case for the JDK. */
    @ParameterizedTest
    @ValueSource(strings = {"", "sleep 0.5"})
    void aDescendantMayHoldTheOutputOpen(String pause) throws Exception {
        String script = "sleep 1000 & echo $! >$DIR/child; echo answer; " + pause;
        assertEquals("answer\n", shell(script, "", LONG).run());
        ProcessHandle.of(Long.parseLong(
                        Files.readString(directory.resolve("child")).strip()))
                .orElseThrow()
                .destroyForcibly();
    }

    @Test
    void aMissingProgramFails() {
        ExternalCommand program =
                new ExternalCommand("program", List.of(directory + "/none"), Map.of(), Optional.empty(), LONG);
        ExternalCommand.FailedException problem = assertThrows(ExternalCommand.FailedException.class, program::run);
        assertTrue(problem.getMessage().startsWith("cannot be run: "), problem::getMessage);
        assertTrue(problem.getCause() instanceof IOException);
    }

    @Test
    void anInterruptOfTheCallerKillsTheProgram() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Thread asker = Threads.startVirtual("asker", () -> {
            try {
                shell("echo $$ >$DIR/own.new; mv $DIR/own.new $DIR/own; exec sleep 1000", "", LONG)
                        .run();
            } catch (InterruptedException _) {
                ended.countDown();
            } catch (ExternalCommand.FailedException e) {
                throw new AssertionError(e);
            }
        });
        Path own = directory.resolve("own");
        Eventually.await("the program to start", () -> Files.exists(own));
        asker.interrupt();
        assertTrue(ended.await(60, TimeUnit.SECONDS));
        awaitEndOf("own");
    }

    @Test
    void showsNoSecretsInLogs() {
        String shown = shell("hunter1", "hunter2", LONG).toString();
        assertFalse(shown.contains("hunter"), shown);
        assertEquals("/bin/sh", shown);
    }
}
