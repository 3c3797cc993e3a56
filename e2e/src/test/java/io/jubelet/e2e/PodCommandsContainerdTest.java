/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The commands that work in a pod, without a terminal, on real containerd. */
@OnContainerd
class PodCommandsContainerdTest {

    private static final int LARGE = 100 << 20;

    private static DaemonProcess daemon;

    @BeforeAll
    static void start() throws Exception {
        daemon = new DaemonProcess().start();
        daemon.write(
                "web.yaml",
                pod("web", "nc -ll -p 7777 -e cat & echo from web; " + sleeper())
                        .replace("  name: web\n", "  name: web\n  labels: {app: web}\n"));
        daemon.write(
                "db.yaml",
                pod("db", "echo from db; " + sleeper()).replace("  name: db\n", "  name: db\n  labels: {app: db}\n"));
        daemon.awaitRunning("web");
        daemon.awaitRunning("db");
        daemon.await(
                "both to be shown",
                () -> daemon.cliQuietly("get", "pods")
                                .lines()
                                .filter(line -> line.contains(" 1/1 "))
                                .count()
                        == 2);
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private static Path large(String name, int size) throws IOException {
        Path file = daemon.home.resolve(name);
        Random random = new Random(size);
        byte[] block = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int written = 0; written < size; written += block.length) {
                random.nextBytes(block);
                out.write(block);
            }
        }
        return file;
    }

    /** Runs a command whose streams are files, and returns its exit code. */
    private static int run(Path in, Path out, String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Commands.jubelet(daemon.socket, words))
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return process.exitValue();
    }

    @Test
    void outputErrorsAndExitCodeAreThoseOfTheCommand() throws Exception {
        Commands.Outcome outcome = daemon.jubelet("exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 42");
        assertEquals(42, outcome.exitCode());
        assertEquals("out\n", outcome.out());
        assertEquals("err\ncommand terminated with exit code 42\n", outcome.err());
        Commands.Outcome unknown = daemon.jubelet("exec", "web", "--", "no-such-program");
        assertEquals(1, unknown.exitCode());
        assertTrue(unknown.err().contains("executable file not found"), unknown.err());
        assertTrue(daemon.log().contains("exec in /default/web"), daemon.log());
    }

    @Test
    void commandHasNoTerminalWhereThereIsNone() throws Exception {
        Commands.Outcome outcome = daemon.jubelet("exec", "-it", "web", "--", "tty");
        assertEquals(1, outcome.exitCode());
        assertEquals("not a tty\n", outcome.out());
        assertTrue(
                outcome.err().startsWith("Unable to use a TTY - input is not a terminal or the right kind of file\n"),
                outcome.err());
    }

    @Test
    void bytesPassThroughACommandUnchanged() throws Exception {
        Path in = large("in", 20 << 20);
        Path out = daemon.home.resolve("out");
        assertEquals(0, run(in, out, "exec", "-i", "web", "--", "cat"));
        assertEquals(-1, Files.mismatch(in, out));
    }

    @Test
    void largeFileIsCopiedBothWays() throws Exception {
        Path file = large("large", LARGE);
        Commands.Outcome up = daemon.jubelet("cp", file.toString(), "web:/tmp/copy");
        assertEquals(new Commands.Outcome(0, "", ""), up);
        Path back = daemon.home.resolve("back");
        Commands.Outcome down = daemon.jubelet("cp", "default/web:/tmp/copy", back.toString());
        assertEquals(new Commands.Outcome(0, "", ""), down);
        assertEquals(-1, Files.mismatch(file, back));
        daemon.jubelet("exec", "web", "--", "rm", "/tmp/copy");
    }

    @Test
    void treeIsCopiedBothWaysAndLinksThatLeadOutAreLeftOut() throws Exception {
        String name = "n".repeat(120);
        Path tree = Files.createDirectories(daemon.home.resolve("tree/" + name));
        Files.writeString(tree.resolve("file"), "content");
        Files.createSymbolicLink(tree.resolve("link"), Path.of("file"));
        assertEquals(
                0,
                daemon.jubelet("cp", daemon.home.resolve("tree").toString(), "web:/tmp")
                        .exitCode());
        daemon.cli("exec", "web", "--", "ln", "-s", "/etc/passwd", "/tmp/tree/out");
        Path back = daemon.home.resolve("tree-back");
        Commands.Outcome down = daemon.jubelet("cp", "web:/tmp/tree", back.toString());
        assertEquals(0, down.exitCode(), down.err());
        assertEquals("content", Files.readString(back.resolve(name + "/link")));
        assertEquals("warning: skipping symlink: \"" + back + "/out\" -> \"/etc/passwd\"\n", down.err());
        Commands.Outcome missing = daemon.jubelet("cp", "web:/tmp/nothing", back.toString());
        assertEquals(1, missing.exitCode());
        assertTrue(missing.err().contains("tar in container app ended with exit code 1"), missing.err());
    }

    @Test
    void portsAreForwardedForSeveralConnectionsAndErrorsAreShown() throws Exception {
        try (Commands.Running forward = daemon.follow("port-forward", "web", ":7777", ":9", "--address=127.0.0.1")) {
            forward.awaitPrinted(" -> 9\n");
            byte[] bytes = new byte[2 << 20];
            new Random(1).nextBytes(bytes);
            List<Thread> writers = new ArrayList<>();
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Socket client = new Socket(InetAddress.getLoopbackAddress(), port(forward.printed(), 7777));
                clients.add(client);
                writers.add(Thread.ofVirtual().start(() -> write(client, bytes)));
            }
            for (Socket client : clients) {
                assertArrayEquals(bytes, client.getInputStream().readNBytes(bytes.length));
                client.close();
            }
            for (Thread writer : writers) {
                writer.join();
            }
            int closed = port(forward.printed(), 9);
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), closed)) {
                assertEquals(-1, client.getInputStream().read());
            }
            forward.awaitPrinted("error: an error occurred forwarding " + closed + " -> 9: ");
            forward.awaitPrinted("connection refused");
        }
    }

    private static void write(Socket client, byte[] bytes) {
        try {
            client.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int port(String printed, int remote) {
        Matcher line = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> " + remote + "\n")
                .matcher(printed);
        assertTrue(line.find(), printed);
        return Integer.parseInt(line.group(1));
    }

    @Test
    void logsOfSeveralPodsAreChosenByLabel() throws Exception {
        assertEquals(
                "[pod/db-" + daemon.node + "/app] from db\n[pod/web-" + daemon.node + "/app] from web\n",
                daemon.cli("logs", "-l", "app in (web, db)", "--prefix"));
        assertEquals("from db\n", daemon.cli("logs", "-l", "app=db"));
        try (Commands.Running both = daemon.follow("logs", "-f", "-l", "app")) {
            both.awaitPrinted("from web\n");
            both.awaitPrinted("from db\n");
        }
    }

    @Test
    void whatCannotBeDoneIsSaidInWords() throws Exception {
        daemon.write("ends.yaml", pod("ends", "exit 0", "  restartPolicy: Never"));
        daemon.await("its end", () -> daemon.cliQuietly("get", "pods").contains("Completed"));
        Commands.Outcome ended = daemon.jubelet("exec", "ends", "--", "true");
        assertEquals(1, ended.exitCode());
        assertTrue(ended.err().contains("container app of pod ends is not running: Completed"), ended.err());
        Commands.Outcome none = daemon.jubelet("exec", "nobody", "--", "true");
        assertEquals(1, none.exitCode());
        assertTrue(none.err().contains("there is no pod nobody; the pods are default/"), none.err());
    }
}
