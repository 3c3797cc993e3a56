/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.remotecommand.StreamServer;
import io.jubelet.remotecommand.StreamServer.Message;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code exec} and {@code attach} against a server that speaks their protocol; no test has a terminal. */
@Timeout(60)
class ExecTest {

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private StreamServer.Script script = peer -> peer.exit(0);
    private StreamServer server;

    @BeforeEach
    void start() {
        server = new StreamServer(directory.resolve("api.sock"), peer -> script.play(peer));
        server.pods("{\"items\":[" + pod("web", "{\"name\":\"app\",\"state\":{\"running\":{}}}") + ","
                + pod("broken", "{\"name\":\"app\",\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}}") + "]}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String pod(String name, String status) {
        return "{\"name\":\"" + name + "\",\"pod\":{\"metadata\":{\"name\":\"" + name
                + "-node1\",\"namespace\":\"default\"},\"spec\":{\"containers\":[{\"name\":\"app\"}]},"
                + "\"status\":{\"phase\":\"Running\",\"containerStatuses\":[" + status + "]}}}";
    }

    private int run(InputStream input, String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.add(1, "--api-socket=" + server.socket());
        Terminal terminal = new Terminal(
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> Instant.EPOCH);
        return new JubeletCommand(terminal, input, _ -> 0).execute(arguments.toArray(String[]::new));
    }

    private int run(String... words) {
        return run(InputStream.nullInputStream(), words);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void outputIsPrintedAndTheExitCodeIsThatOfTheCommand() {
        script = peer -> {
            peer.send(1, "hello");
            peer.send(2, "oops\n");
            peer.exit(42);
        };
        assertEquals(42, run("exec", "web", "--", "sh", "-c", "exit 42"));
        assertEquals("hello", out());
        assertEquals("oops\ncommand terminated with exit code 42\n", err());
        assertEquals(
                List.of("/exec/default/web/app?stdin=false&stdout=true&stderr=true&tty=false"
                        + "&command=sh&command=-c&command=exit%2042"),
                server.targets());
    }

    @Test
    void quietPrintsOnlyWhatTheCommandPrints() {
        script = peer -> peer.exit(7);
        assertEquals(7, run("exec", "-q", "-i", "-t", "pod/web", "--", "false"));
        assertEquals("", err());
    }

    @Test
    void inputReachesTheCommandWithoutATerminalIfThereIsNone() {
        script = peer -> {
            StringBuilder received = new StringBuilder();
            Message message = peer.receive().orElseThrow();
            for (; message.channel() == 0; message = peer.receive().orElseThrow()) {
                received.append(message.text());
            }
            peer.send(1, received + " " + message.channel());
            peer.exit(0);
        };
        InputStream input = new ByteArrayInputStream("abc".getBytes(StandardCharsets.UTF_8));
        assertEquals(0, run(input, "exec", "-it", "web-node1", "--", "cat"));
        assertEquals("abc 255", out());
        assertEquals("Unable to use a TTY - input is not a terminal or the right kind of file\n", err());
        assertTrue(server.targets().getFirst().contains("?stdin=true&stdout=true&stderr=true&tty=false&"));
    }

    @Test
    void optionsOfTheCommandAreNotThoseOfExec() {
        assertEquals(0, run("exec", "web", "--", "ls", "-i", "--", "-c"));
        assertTrue(server.targets().getFirst().endsWith("&command=ls&command=-i&command=--&command=-c"));
        assertTrue(server.targets().getFirst().contains("stdin=false"));
    }

    @Test
    void usageIsThatOfKubectl() {
        assertEquals(2, run("exec", "web"));
        assertTrue(err().contains("you must specify at least one command for the container"), err());
        assertEquals(2, run("exec", "web", "ls"));
        assertTrue(err().contains("write -- between the pod and the command"), err());
        assertEquals(List.of(), server.targets());
    }

    @Test
    void whatCannotBeDoneIsSaidBeforeAnythingIsAsked() {
        assertEquals(1, run("exec", "nobody", "--", "ls"));
        assertTrue(err().contains("there is no pod nobody; the pods are default/web, default/broken;"), err());
        assertEquals(1, run("exec", "broken", "--", "ls"));
        assertTrue(err().contains("container app of pod broken is not running: CrashLoopBackOff"), err());
        assertEquals(1, run("exec", "web", "-c", "side", "--", "ls"));
        assertTrue(err().contains("container side is not valid for pod web; it has: app"), err());
        assertEquals(List.of(), server.targets());
    }

    @Test
    void refusalOfTheDaemonIsShown() {
        server.refuse("{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"ask root\"}");
        assertEquals(1, run("exec", "web", "--", "ls"));
        assertEquals("error: ask root\n", err());
    }

    @Test
    void commandThatCannotBeRunIsAnErrorWithTheWordsOfTheRuntime() {
        script = peer -> peer.send(3, "{\"status\":\"Failure\",\"message\":\"no such file\",\"code\":500}");
        assertEquals(1, run("exec", "web", "--", "nothing"));
        assertEquals("error: no such file\n", err());
    }

    @Test
    void lostConnectionIsAnError() {
        script = peer -> peer.channel().close().sync();
        assertEquals(1, run("exec", "web", "--", "sleep", "9"));
        assertTrue(err().startsWith("error: the answer of the daemon broke off: "), err());
    }

    @Test
    void attachPrintsWhatTheProcessWritesUntilItEnds() {
        script = peer -> {
            peer.send(1, "tick\n");
            peer.exit(0);
        };
        assertEquals(0, run("attach", "web"));
        assertEquals("tick\n", out());
        assertEquals(
                List.of("/attach/default/web/app?stdin=false&stdout=true&stderr=true&tty=false"), server.targets());
    }

    @Test
    void attachSaysWhyInputOrATerminalHasNoEffect() {
        assertEquals(0, run("attach", "-it", "web"));
        assertTrue(err().contains("Unable to use a TTY - container app did not allocate one\n"), err());
        assertTrue(err().contains("its manifest does not say stdin: true"), err());
    }
}
