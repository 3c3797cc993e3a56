/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code exec -it} and {@code attach -it} as a user at a terminal sees them, on real containerd. */
@OnContainerd
class TerminalContainerdTest {

    private static DaemonProcess daemon;
    private static Path jubelet;

    @BeforeAll
    static void start() throws Exception {
        daemon = new DaemonProcess().start();
        daemon.write("web.yaml", pod("web", sleeper()));
        daemon.write(
                "console.yaml",
                pod("console", "exec sh").replace("    command:", "    stdin: true\n    tty: true\n    command:"));
        daemon.awaitRunning("web");
        daemon.awaitRunning("console");
        daemon.await(
                "both to be shown",
                () -> daemon.cliQuietly("get", "pods")
                                .lines()
                                .filter(line -> line.contains(" 1/1 "))
                                .count()
                        == 2);
        jubelet = TmuxScreen.jubelet(daemon);
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    /** The terminal is in the state of a shell: it shows what is typed, and ends lines. */
    private static void assertRestored(TmuxScreen screen) throws Exception {
        screen.clear();
        screen.line(
                "stty -a | tr ' ' '\\n' | grep -x 'icanon\\|echo;\\|echo\\|isig\\|opost' | sort | tr '\\n' ,; echo end");
        screen.awaitShown("echo,icanon,isig,opost,end");
    }

    @Test
    void shellHasATerminalWithItsSizeAndCtrlCAndTheExitCodeArrives() throws Exception {
        try (TmuxScreen screen = TmuxScreen.open(daemon.home, 100, 30)) {
            screen.line(jubelet + " exec -it web -- sh");
            screen.awaitShown("/ #");
            screen.line("echo size $(stty size)");
            screen.awaitShown("size 30 100");
            screen.resize(90, 25);
            screen.line("until [ \"$(stty size)\" = '25 90' ]; do :; done; echo resized");
            screen.awaitShown("\nresized");
            screen.line("echo sleeping; sleep 1000");
            screen.awaitShown("\nsleeping");
            screen.keys("C-c");
            screen.line("echo ended by $?");
            screen.awaitShown("\nended by 130");
            screen.line("exit 7");
            screen.awaitShown("command terminated with exit code 7\n" + TmuxScreen.PROMPT);
            screen.line("echo code $?");
            screen.awaitShown("\ncode 7");
            assertRestored(screen);
        }
    }

    @Test
    void terminalIsRestoredWhateverEndsTheCommand() throws Exception {
        try (TmuxScreen screen = TmuxScreen.open(daemon.home, 100, 30)) {
            // The shell here starts the signal before it hands over the terminal.
            screen.line("(while [ ! -e " + daemon.home + "/go ]; do sleep 0.1; done; kill -TERM $(cat " + daemon.home
                    + "/pid)) & sh -c 'echo $$ >" + daemon.home + "/pid; exec " + jubelet + " exec -it web -- sh'");
            screen.awaitShown("/ #");
            Files.createFile(daemon.home.resolve("go"));
            screen.awaitShown("\n" + TmuxScreen.PROMPT + "\n");
            assertRestored(screen);
        }
    }

    @Test
    void detachKeysLeaveTheProcessRunning() throws Exception {
        try (TmuxScreen screen = TmuxScreen.open(daemon.home, 80, 24)) {
            screen.line(jubelet + " attach -it console");
            screen.awaitShown("If you don't see a command prompt, try pressing enter.");
            screen.keys("Enter");
            screen.awaitShown("/ #");
            screen.line("here=yes; echo $((40 + 2)) $(stty size)");
            screen.awaitShown("42 24 80");
            screen.keys("C-p", "C-q");
            screen.awaitShown("Detached; container app runs on.\n" + TmuxScreen.PROMPT);
            screen.line("echo code $?");
            screen.awaitShown("\ncode 0");
            assertRestored(screen);
            screen.line(jubelet + " attach -it console");
            screen.awaitShown("try pressing enter");
            screen.line("echo still $here");
            screen.awaitShown("\nstill yes");
            screen.keys("C-p", "C-q");
            screen.awaitShown("Detached");
        }
        assertTrue(daemon.log().contains("attach in /default/console"), daemon.log());
    }
}
