/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.printing.Json;
import io.jubelet.remotecommand.SpdyPeer;
import io.jubelet.remotecommand.StreamServer;
import io.jubelet.testing.Eventually;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PortForwardTest {

    private static final String WEB =
            "{\"metadata\":{\"name\":\"web-n\",\"namespace\":\"default\"},\"spec\":{\"containers\":["
                    + "{\"name\":\"app\",\"ports\":[{\"name\":\"http\",\"containerPort\":80}]}]},\"status\":{\"phase\":\"Running\"}}";

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private StreamServer.Script script = _ -> {};
    private StreamServer server;

    @BeforeEach
    void start() {
        server = new StreamServer(directory.resolve("api.sock"), peer -> script.play(peer));
        server.pods("{\"items\":[{\"name\":\"web\",\"pod\":" + WEB + "},{\"name\":\"done\",\"pod\":"
                + WEB.replace("web-n", "done-n").replace("Running", "Succeeded") + "}]}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int run(String... words) {
        List<String> arguments = new ArrayList<>(List.of("port-forward", "--api-socket=" + server.socket()));
        arguments.addAll(List.of(words));
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> Instant.EPOCH);
        return new JubeletCommand(terminal, _ -> 0).execute(arguments.toArray(String[]::new));
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** Runs the command on a thread of its own until the test ends, and returns the local port. */
    private int forward() {
        Thread.ofVirtual().start(() -> run("web", ":80", "--address=127.0.0.1"));
        Pattern line = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> 80\n");
        String printed = Eventually.await(
                "the port",
                () -> out.toString(StandardCharsets.UTF_8),
                text -> line.matcher(text).lookingAt());
        Matcher port = line.matcher(printed);
        assertTrue(port.find());
        return Integer.parseInt(port.group(1));
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    @Test
    void bytesPassBothWaysAndEachSideCanEndItsPart() throws Exception {
        byte[] question = new byte[1_000_000];
        byte[] answer = new byte[2_000_000];
        new Random(1).nextBytes(question);
        new Random(2).nextBytes(answer);
        script = peer -> {
            SpdyPeer spdy = new SpdyPeer(peer);
            if (spdy.awaitStreams().equals("80") && Arrays.equals(question, spdy.receiveAll())) {
                for (int at = 0; at < answer.length; at += 40_000) {
                    spdy.send(Arrays.copyOfRange(answer, at, at + 40_000));
                }
                spdy.end();
            }
        };
        try (Socket client = connect(forward())) {
            client.getOutputStream().write(question);
            client.shutdownOutput();
            assertArrayEquals(answer, client.getInputStream().readAllBytes());
        }
        assertTrue(server.targets().contains("/portForward/default/web"));
        assertEquals("", err());
    }

    @Test
    void connectionsDoNotWaitForEachOther() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        script = peer -> {
            SpdyPeer spdy = new SpdyPeer(peer);
            spdy.awaitStreams();
            byte[] name = spdy.receive().orElseThrow();
            both.countDown();
            both.await();
            spdy.send(name);
            spdy.end();
        };
        int port = forward();
        try (Socket one = connect(port);
                Socket two = connect(port)) {
            one.getOutputStream().write('1');
            two.getOutputStream().write('2');
            assertEquals("2", new String(two.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            assertEquals("1", new String(one.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void errorOfTheOtherEndIsPrintedAndOthersAreForwarded() throws Exception {
        script = peer -> {
            SpdyPeer spdy = new SpdyPeer(peer);
            spdy.awaitStreams();
            spdy.fail("connection refused");
        };
        int port = forward();
        for (int i = 0; i < 2; i++) {
            try (Socket client = connect(port)) {
                assertEquals(-1, client.getInputStream().read());
            }
        }
        String line = "error: an error occurred forwarding " + port + " -> 80: connection refused\n";
        Eventually.await("both errors", this::err, (line + line)::equals);
    }

    @Test
    void lostConnectionClosesThatOfTheClient() throws Exception {
        script = peer -> {
            new SpdyPeer(peer).awaitStreams();
            peer.channel().close().sync();
        };
        try (Socket client = connect(forward())) {
            assertEquals(-1, client.getInputStream().read());
        }
        Eventually.await("the error", this::err, text -> text.contains("-> 80: lost connection: "));
    }

    @Test
    void clientThatGoesAwayEndsTheConnectionToThePod() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        script = peer -> {
            SpdyPeer spdy = new SpdyPeer(peer);
            spdy.awaitStreams();
            spdy.receiveAll();
            ended.countDown();
        };
        try (Socket client = connect(forward())) {
            client.getOutputStream().write(1);
        }
        ended.await();
    }

    @Test
    void whatCannotBeDoneIsSaidAtOnce() throws Exception {
        assertEquals(1, run("done", "80"));
        assertTrue(err().contains("pod is not running. Current status=Succeeded"), err());
        assertEquals(1, run("web", "80:nothing"));
        assertTrue(err().contains("Pod 'web-n' does not have a named port 'nothing'"), err());
        assertEquals(2, run("web"));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertEquals(1, run("web", taken.getLocalPort() + ":80", "--address=127.0.0.1"));
            assertTrue(err().contains("unable to listen on port " + taken.getLocalPort() + ": 127.0.0.1:"), err());
        }
        server.refuse("{\"message\":\"ask root\"}");
        assertEquals(1, run("web", "80"));
        assertTrue(err().endsWith("error: ask root\n"), err());
    }

    @Test
    void portsAreNumbersOrNames() throws Exception {
        Json pod = Json.read(new ByteArrayInputStream(WEB.getBytes(StandardCharsets.UTF_8)));
        assertEquals(new PortPair(8080, 80), PortPair.parse("8080:80", pod));
        assertEquals(new PortPair(80, 80), PortPair.parse("80", pod));
        assertEquals(new PortPair(0, 80), PortPair.parse(":80", pod));
        assertEquals(new PortPair(0, 80), PortPair.parse(":http", pod));
        assertEquals(new PortPair(80, 80), PortPair.parse("http", pod));
        for (String wrong : List.of("", "0", "65536", "a:80", "80:", "1:2:3", "-1")) {
            assertThrows(CommandException.class, () -> PortPair.parse(wrong, pod), wrong);
        }
    }
}
