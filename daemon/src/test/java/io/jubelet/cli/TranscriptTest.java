/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.api.ApiServer;
import io.jubelet.api.RequestHandler;
import io.jubelet.api.Sources;
import io.jubelet.api.StatusStores;
import io.jubelet.desired.DesiredPods;
import io.jubelet.desired.ManifestNames;
import io.jubelet.desired.ManifestSource;
import io.jubelet.manifest.PodTexts;
import io.jubelet.pod.NodeNames;
import io.jubelet.rollout.ManifestEndpoint;
import io.jubelet.status.PodViews;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs commands against a server on a real socket and compares what they print with checked-in transcripts.
 *
 * <p>A transcript begins with the command line behind {@code $}; standard error is marked by {@code 2>}. Run with
 * {@code -Dtranscripts.update=true} to write them anew, and read the difference.
 */
@Timeout(60)
class TranscriptTest {

    private static final String SUMMARY = """
            {"node": {"nodeName": "node1"}, "pods": [
             {"podRef": {"namespace": "default", "name": "web-node1"}, "containers": [
              {"name": "proxy", "cpu": {"time": "2026-01-01T10:00:00Z", "usageNanoCores": 1500001},
               "memory": {"workingSetBytes": 3145728}},
              {"name": "app", "cpu": {"time": "2026-01-01T10:00:00Z", "usageNanoCores": 498765432},
               "memory": {"workingSetBytes": 52981760}}]},
             {"podRef": {"namespace": "kube-system", "name": "batch-node1"}, "containers": [
              {"name": "job", "cpu": {"time": "2026-01-01T10:00:00Z", "usageNanoCores": 1200000000},
               "memory": {"workingSetBytes": 1048576}}]}]}
            """;
    private static final Path SHAPES = Path.of("src/test/resources/io/jubelet/manifest/shapes");
    private static final Path EXAMPLES = Path.of("../manifests-example");

    /** Commands that send no request to the daemon. */
    private static final Set<String> LOCAL = Set.of("explain", "validate");

    private static final Path TRANSCRIPTS = Path.of("src/test/resources/io/jubelet/cli");

    @TempDir
    private static Path directory;

    private static ApiServer server;
    private static Path socket;

    @BeforeAll
    static void start() throws IOException {
        socket = directory.resolve("jubelet.sock");
        Files.writeString(directory.resolve("web.yaml"), PodTexts.pod("web", "example.com/web:2"));
        server = new ApiServer(
                socket,
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(20),
                StatusStores.sample(),
                StatusStores.NODE,
                Optional::empty,
                new Sources(
                        _ -> List.of(),
                        (request, _, out) -> {
                            String text = request.container() + " attempt " + request.attempt() + " tail "
                                    + request.options().tailLines() + " follow "
                                    + request.options().follow() + "\n";
                            out.write(text.getBytes(StandardCharsets.UTF_8));
                        },
                        StatusStores.CLUSTER,
                        Optional::empty,
                        handlers()));
        server.bind();
        server.start();
    }

    private static Map<String, RequestHandler> handlers() {
        ManifestSource source = new ManifestSource(
                Path.of("/etc/jubelet/absent"),
                NodeNames.of("node1"),
                true,
                ManifestNames.YAML,
                Duration.ofSeconds(20));
        Map<String, RequestHandler> handlers =
                new HashMap<>(new ManifestEndpoint(source, () -> DesiredPods.NONE).byPath());
        handlers.put("stats", (_, response) -> response.write(SUMMARY.getBytes(StandardCharsets.UTF_8)));
        return handlers;
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    static Stream<Path> transcripts() throws IOException {
        try (Stream<Path> files = Files.list(TRANSCRIPTS)) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("transcripts")
    void printsWhatTheTranscriptSays(Path transcript) throws IOException {
        String expected = Files.readString(transcript);
        List<String> commands = expected.lines()
                .filter(line -> line.startsWith("$ "))
                .map(line -> line.substring(2))
                .toList();
        StringBuilder actual = new StringBuilder();
        for (String command : commands) {
            actual.append("$ ").append(command).append('\n').append(run(command));
        }
        if (Boolean.getBoolean("transcripts.update")) {
            Files.writeString(transcript, actual);
        }
        assertEquals(expected, actual.toString());
    }

    private static String run(String command) {
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.removeFirst();
        words.replaceAll(word -> word.replace("SHAPES", SHAPES.toString())
                .replace("EXAMPLES", EXAMPLES.toString())
                .replace("DRAFTS", directory.toString()));
        if (command.contains("--api-socket")) {
            words.replaceAll(word ->
                    word.replace("NOWHERE", directory.resolve("nowhere.sock").toString()));
        } else if (!command.contains("help") && words.size() > 1 && !LOCAL.contains(words.getFirst())) {
            words.addAll(List.of("--api-socket", socket.toString()));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> PodViews.second(60));
        int code = new JubeletCommand(terminal, _ -> 0).execute(words.toArray(String[]::new));
        StringBuilder transcript = new StringBuilder(out.toString(StandardCharsets.UTF_8));
        err.toString(StandardCharsets.UTF_8)
                .lines()
                .forEach(line -> transcript.append("2> ").append(line).append('\n'));
        if (code != 0) {
            transcript.append("exit ").append(code).append('\n');
        }
        return transcript
                .toString()
                .replace(directory.toString(), "DIR")
                .replace(SHAPES.toString(), "SHAPES")
                .replace(EXAMPLES.toString(), "EXAMPLES");
    }
}
