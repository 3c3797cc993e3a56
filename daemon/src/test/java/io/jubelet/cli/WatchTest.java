/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import static io.jubelet.status.PodViews.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.api.ApiServer;
import io.jubelet.api.ClusterSource;
import io.jubelet.api.Sources;
import io.jubelet.api.StatusStores;
import io.jubelet.concurrent.Threads;
import io.jubelet.pod.PodName;
import io.jubelet.status.PodViews;
import io.jubelet.status.StatusStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class WatchTest {

    @TempDir
    private Path directory;

    private final StatusStore board = StatusStores.sample();
    private ApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ApiServer(
                directory.resolve("jubelet.sock"),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(20),
                board,
                StatusStores.NODE,
                Optional::empty,
                new Sources(_ -> List.of(), (_, _, _) -> {}, ClusterSource.NONE, Optional::empty));
        server.bind();
        server.start();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void podsAreShownAndThenEachChangeUntilTheDaemonStops() throws Exception {
        LinkedBlockingQueue<Integer> code = new LinkedBlockingQueue<>();
        try (BufferedReader lines = run(code, "get", "pods", "-w")) {
            assertTrue(lines.readLine().startsWith("NAMESPACE   NAME "));
            for (int i = 0; i < 4; i++) {
                lines.readLine();
            }
            board.publish(pod("pulling", "app").sandbox().running("app", 0, 61).build());
            assertEquals("default     pulling-node1    1/1     Running            0             59s", lines.readLine());
            board.retire(new PodName("default", "old"));
            assertEquals("default     old-node1        1/1     Deleted            0             59s", lines.readLine());
            server.close();
            assertEquals(1, code.poll(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void objectsAreShownAsTheyChange() throws Exception {
        LinkedBlockingQueue<Integer> code = new LinkedBlockingQueue<>();
        try (BufferedReader lines = run(code, "get", "pod", "web", "-w", "-o", "name")) {
            assertEquals("pod/web-node1", lines.readLine());
            board.publish(pod("web", "app").sandbox().build());
            assertEquals("pod/web-node1", lines.readLine());
            server.close();
            assertEquals(1, code.poll(60, TimeUnit.SECONDS));
        }
    }

    private BufferedReader run(LinkedBlockingQueue<Integer> code, String... words) throws IOException {
        PipedInputStream in = new PipedInputStream(64 * 1024);
        PrintStream out = new PrintStream(new PipedOutputStream(in), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(OutputStream.nullOutputStream());
        JubeletCommand main = new JubeletCommand(new Terminal(out, err, () -> PodViews.second(60)), _ -> 0);
        String[] all = Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--api-socket";
        all[words.length + 1] = directory.resolve("jubelet.sock").toString();
        Threads.startVirtual("cli", () -> code.add(main.execute(all)));
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
}
