package io.jubelet.api;

import static io.jubelet.status.PodViews.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.pod.PodName;
import io.jubelet.status.StatusBoard;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ApiServerTest {

    @TempDir
    private Path directory;

    private final StatusBoard board = Boards.sample();
    private final AtomicReference<Optional<String>> health = new AtomicReference<>(Optional.empty());
    private final AtomicReference<LogSource> logs = new AtomicReference<>((_, _, _) -> {});
    private ApiServer server;
    private Path socket;

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("run/jubelet.sock");
        server = server(Duration.ofSeconds(20));
        server.start();
    }

    private ApiServer server(Duration patience) {
        return new ApiServer(
                socket,
                Optional.empty(),
                patience,
                board,
                Boards.NODE,
                health::get,
                _ -> List.of(),
                (request, live, out) -> logs.get().copy(request, live, out));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void podListIsAsCheckedIn() throws Exception {
        try (InputStream expected = getClass().getResourceAsStream("podlist.json")) {
            assertEquals(
                    new String(expected.readAllBytes(), StandardCharsets.UTF_8)
                            .strip()
                            .replaceAll("\\n *", ""),
                    get("/api/v1/pods").strip());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/namespaces/default/pods/web, \"name\":\"web-node1\"",
        "/api/v1/namespaces/default/pods/web-node1, \"name\":\"web-node1\"",
        "/api/v1/namespaces/default/pods, \"kind\":\"PodList\"",
        "/jubelet/v1/manifests, \"state\":\"Refused\"",
        "/jubelet/v1/pods/default/web/describe, \"stage\":\"admission\"",
        "/jubelet/v1/pods, \"retryAt\":\"2026-01-01T10:01:20Z\"",
        "/version, \"version\":\"0.1.0\"",
        "/healthz, ok"
    })
    void answersEachPath(String path, String part) throws Exception {
        String answer = get(path);
        assertTrue(answer.contains(part), answer);
    }

    @Test
    void podsOfAnotherNamespaceAreLeftOut() throws Exception {
        assertTrue(get("/api/v1/namespaces/other/pods").contains("\"items\":[]"));
    }

    @Test
    void healthTellsWhatIsWrong() throws Exception {
        health.set(Optional.of("no relist for 3 minutes"));
        String answer = raw("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
        assertTrue(answer.endsWith("no relist for 3 minutes"), answer);
    }

    @ParameterizedTest
    @CsvSource({
        "404, GET /api/v1/namespaces/default/pods/nope HTTP/1.1",
        "404, GET / HTTP/1.1",
        "404, GET /api HTTP/1.1",
        "404, GET /api/v1/nodes HTTP/1.1",
        "404, GET /jubelet/v1/pods/default/nope/describe HTTP/1.1",
        "404, GET /containerLogs/default/web HTTP/1.1",
        "404, GET /containerLogs/default/nope/app HTTP/1.1",
        "400, GET /containerLogs/default/web/nope HTTP/1.1",
        "400, GET /containerLogs/default/web/app?tailLines=-4 HTTP/1.1",
        "400, GET /containerLogs/default/pulling/app HTTP/1.1",
        "400, GET /api/v1/pods?watch=maybe HTTP/1.1",
        "400, GET /%zz HTTP/1.1",
        "405, POST /api/v1/pods HTTP/1.1",
        "405, DELETE /api/v1/namespaces/default/pods/web HTTP/1.1",
        "400, GET /healthz HTTP/9.9",
        "400, nonsense"
    })
    void refusesWithAStatus(int code, String line) throws Exception {
        String answer = raw(line + "\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 " + code + " "), answer);
        assertTrue(answer.contains("\"kind\":\"Status\"") && answer.contains("\"code\":" + code), answer);
        assertEquals("ok", get("/healthz"));
    }

    @Test
    void survivesWhatIsTooLong() throws Exception {
        assertTrue(raw("GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 413 "));
        assertTrue(raw("GET / HTTP/1.1\r\nX: " + "x".repeat(9000) + "\r\n\r\n").startsWith("HTTP/1.1 413 "));
        assertTrue(raw("GET / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n" + "x".repeat(70000))
                .startsWith("HTTP/1.1 413 "));
        assertEquals("ok", get("/healthz"));
    }

    @Test
    void keepsAConnectionForTheNextRequest() throws Exception {
        try (SocketChannel channel = connect()) {
            InputStream in = Channels.newInputStream(channel);
            for (int i = 0; i < 3; i++) {
                send(channel, "GET /healthz HTTP/1.1\r\n\r\n");
                HttpBody body = HttpBody.read(in);
                assertEquals("ok", new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void closesOnThoseWhoAskNothing() throws Exception {
        server.close();
        server = server(Duration.ofMillis(50));
        server.start();
        assertEquals("", raw(""));
        assertEquals("", raw("GET /hea"));
    }

    @Test
    void watchTellsWhatIsThereAndThenEachChange() throws Exception {
        try (BufferedReader lines = lines("/api/v1/pods?watch=true")) {
            for (String name : List.of("crashing", "old", "pulling", "web")) {
                String line = lines.readLine();
                assertTrue(line.startsWith("{\"type\":\"ADDED\"") && line.contains(name + "-node1"), line);
            }
            board.publish(pod("pulling", "app").sandbox().running("app", 0, 61).build());
            String changed = lines.readLine();
            assertTrue(
                    changed.startsWith("{\"type\":\"MODIFIED\"") && changed.contains("\"phase\":\"Running\""), changed);
            board.retire(new PodName("default", "old"));
            String gone = lines.readLine();
            assertTrue(gone.startsWith("{\"type\":\"DELETED\"") && gone.contains("old-node1"), gone);
        }
    }

    @Test
    void watchOfManifestsBeginsWithAll() throws Exception {
        try (BufferedReader lines = lines("/jubelet/v1/manifests?watch=1")) {
            for (int i = 0; i < 4; i++) {
                assertTrue(lines.readLine().startsWith("{\"type\":\"ADDED\",\"object\":{\"path\":\"/etc/"));
            }
        }
    }

    @Test
    void logIsStreamedFromTheInstanceThatIsMeant() throws Exception {
        AtomicReference<LogRequest> asked = new AtomicReference<>();
        logs.set((request, live, out) -> {
            asked.set(request);
            out.write((live.getAsBoolean() ? "live" : "dead").getBytes(StandardCharsets.UTF_8));
        });
        assertEquals("live", get("/containerLogs/default/web/app?tailLines=7&timestamps=true&follow=true"));
        assertEquals(1, asked.get().attempt());
        assertEquals(7, asked.get().tailLines().orElseThrow());
        assertTrue(asked.get().follow() && asked.get().timestamps());
        assertEquals("web-node1", asked.get().fullName());
        assertEquals("dead", get("/containerLogs/default/web/app?previous=true"));
        assertEquals(0, asked.get().attempt());
        // What waits to be started again has ended already: its newest instance is the previous one.
        get("/containerLogs/default/crashing/app?previous=true");
        assertEquals(3, asked.get().attempt());
    }

    @Test
    void longLogArrivesWhole() throws Exception {
        byte[] part = "0123456789abcdef".repeat(4096).getBytes(StandardCharsets.UTF_8);
        logs.set((_, _, out) -> {
            for (int i = 0; i < 200; i++) {
                out.write(part);
            }
        });
        try (InputStream in = client().get("/containerLogs/default/web/app")) {
            assertEquals(200L * part.length, in.transferTo(OutputStream.nullOutputStream()));
        }
    }

    @Test
    void logThatIsGoneIsNotFound() {
        logs.set((_, _, _) -> {
            throw new NoSuchFileException("/var/log/pods/x");
        });
        ClientException gone =
                assertThrows(ClientException.class, () -> client().get("/containerLogs/default/web/app"));
        assertEquals("container \"app\" in pod \"web\" has no log for attempt 1 any more", gone.getMessage());
    }

    @Test
    void followingStopsWhenTheReaderGoesAway() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        logs.set((_, _, out) -> {
            out.write('x');
            out.flush();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException stop) {
                interrupted.countDown();
                throw stop;
            }
        });
        try (InputStream in = client().get("/containerLogs/default/web/app?follow=true")) {
            assertEquals('x', in.read());
        }
        assertTrue(interrupted.await(20, TimeUnit.SECONDS));
    }

    @Test
    void readerThatTakesNothingIsGivenUp() throws Exception {
        server.close();
        server = server(Duration.ofMillis(100));
        server.start();
        CountDownLatch failed = new CountDownLatch(1);
        logs.set((_, _, out) -> {
            byte[] part = new byte[64 * 1024];
            try {
                while (true) {
                    out.write(part);
                }
            } catch (IOException slow) {
                failed.countDown();
                throw slow;
            }
        });
        try (InputStream _ = client().get("/containerLogs/default/web/app?follow=true")) {
            assertTrue(failed.await(20, TimeUnit.SECONDS));
        }
        assertEquals("ok", get("/healthz"));
    }

    @Test
    void bugInASourceIsAnErrorOfThatRequestOnly() throws Exception {
        logs.set((_, _, _) -> {
            throw new IllegalStateException("bug");
        });
        assertThrows(ClientException.class, () -> client().get("/containerLogs/default/web/app"));
        assertEquals("ok", get("/healthz"));
    }

    @Test
    void socketIsForOwnerAndGroupOnlyAndLeavesNothingBeside() throws IOException {
        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        try (var files = Files.list(socket.getParent())) {
            assertEquals(List.of(socket), files.toList());
        }
        server.close();
        assertFalse(Files.exists(socket));
    }

    @Test
    void secondDaemonIsRefusedAndHarmsNothing() throws Exception {
        try (ApiServer second = server(Duration.ofSeconds(1))) {
            IOException refused = assertThrows(IOException.class, second::start);
            assertTrue(refused.getMessage().startsWith("another jubelet serves " + socket), refused.getMessage());
        }
        assertEquals("ok", get("/healthz"));
    }

    @Test
    void groupThatDoesNotExistIsNamed() throws IOException {
        server.close();
        server = new ApiServer(
                socket,
                Optional.of("no-such-group"),
                Duration.ofSeconds(1),
                board,
                Boards.NODE,
                health::get,
                _ -> List.of(),
                (_, _, _) -> {});
        IOException unknown = assertThrows(IOException.class, server::start);
        assertTrue(unknown.getMessage().startsWith("there is no group no-such-group"), unknown.getMessage());
        try (var files = Files.list(socket.getParent())) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void methodsButGetAreRefusedWithoutABodyToHead() throws Exception {
        String answer = raw("HEAD /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 405 ") && answer.endsWith("\r\n\r\n"), answer);
    }

    @Test
    void requestSentAheadIsAnsweredAfterTheFirst() throws Exception {
        try (SocketChannel channel = connect()) {
            InputStream in = Channels.newInputStream(channel);
            send(channel, "GET /healthz HTTP/1.1\r\n\r\nGET /version HTTP/1.1\r\nConnection: close\r\n\r\n");
            String answers = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answers.contains("\r\n\r\nokHTTP/1.1 200 OK") && answers.contains("0.1.0"), answers);
        }
    }

    @Test
    void staleSocketIsReplaced() throws Exception {
        server.close();
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        assertTrue(Files.exists(socket));
        server = server(Duration.ofSeconds(20));
        server.start();
        assertEquals("ok", get("/healthz"));
    }

    @Test
    void fileThatIsNoSocketIsNotTouched() throws Exception {
        server.close();
        Files.writeString(socket, "precious");
        server = server(Duration.ofSeconds(20));
        IOException refused = assertThrows(IOException.class, server::start);
        assertTrue(refused.getMessage().contains("is not a socket"), refused.getMessage());
        assertEquals("precious", Files.readString(socket));
    }

    @Test
    void clientSaysWhatToDoWithoutADaemon() throws Exception {
        server.close();
        ClientException none = assertThrows(ClientException.class, () -> client().get("/healthz"));
        assertTrue(
                none.getMessage().contains(socket.toString())
                        && none.getMessage().contains("systemctl status jubelet"),
                none.getMessage());
    }

    private LocalClient client() {
        return new LocalClient(socket);
    }

    private String get(String target) throws ClientException, IOException {
        try (InputStream in = client().get(target)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private BufferedReader lines(String target) throws ClientException {
        return new BufferedReader(new InputStreamReader(client().get(target), StandardCharsets.UTF_8));
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    /** Sends text and gives everything that comes back until the server closes. */
    private String raw(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            try {
                send(channel, request);
            } catch (IOException closedEarly) {
                // The answer may have come before all was sent; it is still to be read.
                assertTrue(request.length() > 8000, closedEarly.toString());
            }
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
