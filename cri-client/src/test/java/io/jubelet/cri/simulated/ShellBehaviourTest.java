/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShellBehaviourTest {
    private final ShellBehaviour shell = new ShellBehaviour();

    @Test
    void addsUpWhatScriptDoes() {
        assertEquals(
                new SimulatedProcess(
                        Duration.ofMillis(2500), 3, null, List.of("one two", "three"), List.of("oops"), null),
                script("echo one two; sleep 2; echo 'three'; echo oops >&2; sleep .5\nexit 3; echo never"));
    }

    @Test
    void interpretsTraps() {
        assertEquals(
                new SimulatedProcess(Duration.ofSeconds(9), 0, 7, List.of(), List.of(), null),
                script("trap 'exit 7' TERM; sleep 9 & wait"));
        assertEquals(
                new SimulatedProcess(null, 0, null, List.of(), List.of(), null),
                script("trap '' TERM; sleep infinity & wait"));
    }

    @Test
    void interpretsSingleCommands() {
        assertEquals(SimulatedProcess.exits(Duration.ofSeconds(1), 0), shell.start(List.of("/bin/sleep", "1")));
        assertEquals(SimulatedProcess.exits(Duration.ZERO, 1), shell.start(List.of("false")));
        assertEquals(SimulatedProcess.exits(Duration.ZERO, 1), script("false"));
    }

    @Test
    void runsEverythingElseUntilItIsStopped() {
        assertEquals(SimulatedProcess.runsForever(), shell.start(List.of()));
        assertEquals(SimulatedProcess.runsForever(), shell.start(List.of("httpd", "-f")));
        assertEquals(new SimulatedProcess(null, 0, null, List.of("up"), List.of(), null), script("echo up; httpd -f"));
    }

    @Test
    void failsToStartMissingProgram() {
        assertNotNull(shell.start(List.of("/no/such/program")).startError());
    }

    private SimulatedProcess script(String text) {
        return shell.start(List.of("sh", "-c", text));
    }
}
