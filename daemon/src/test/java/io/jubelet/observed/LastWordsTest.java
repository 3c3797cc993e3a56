package io.jubelet.observed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastWordsTest {

    @TempDir
    private Path dir;

    private String policy = "File";
    private String reason = "Error";
    private String message = "";
    private int exitCode = 1;

    @Test
    void theFileIsTold() throws IOException {
        file("first\nlast\n");
        assertEquals("first\nlast\n", words());
        message = "OOM";
        assertEquals("OOM: first\nlast\n", words());
    }

    @Test
    void onlyTheEndOfALongFileIsTold() throws IOException {
        file("a".repeat(5000) + "end");
        assertEquals("a".repeat(4093) + "end", words());
    }

    @Test
    void theLogStandsInWhenTheFileIsEmptyAndTheContainerFailed() throws IOException {
        log(
                "2026-01-01T00:00:00Z stdout P par",
                "2026-01-01T00:00:00Z stdout F tial",
                "2026-01-01T00:00:00Z stderr F ");
        assertEquals("", words());
        policy = "FallbackToLogsOnError";
        assertEquals("partial\n\n", words());
        file("");
        assertEquals("partial\n\n", words());
        exitCode = 0;
        assertEquals("", words());
        exitCode = 1;
        reason = "ContainerCannotRun";
        assertEquals("", words());
        reason = "Error";
        file("said");
        assertEquals("said", words());
    }

    @Test
    void ofALogTheLast80LinesAnd2048BytesAreTold() throws IOException {
        policy = "FallbackToLogsOnError";
        log(lines(100, ""));
        assertEquals(IntStream.rangeClosed(21, 100).mapToObj(i -> i + "\n").collect(Collectors.joining()), words());
        log(lines(100, "x".repeat(100)));
        assertEquals(2048, words().length());
        assertTrue(words().endsWith("\n100" + "x".repeat(100) + "\n"));
        log(lines(3, "y".repeat(40_000)));
        assertEquals("y".repeat(2047) + "\n", words());
    }

    private static String[] lines(int count, String more) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> "2026-01-01T00:00:00.123456789Z stdout F " + i + more)
                .toArray(String[]::new);
    }

    private void file(String text) throws IOException {
        Files.writeString(dir.resolve("words"), text);
    }

    private void log(String... lines) throws IOException {
        Files.writeString(dir.resolve("log"), String.join("\n", lines) + "\n");
    }

    private String words() {
        return LastWords.of(ContainerStatus.builder()
                .id(new ContainerId("c"))
                .metadata(new ContainerMetadata("c", 0))
                .state(ContainerState.EXITED)
                .image(ImageSpec.of("busybox"))
                .imageRef("sha256:busybox")
                .exitCode(exitCode)
                .reason(reason)
                .message(message)
                .annotations(
                        Map.of(Labels.TERMINATION_MESSAGE_PATH, "/words", Labels.TERMINATION_MESSAGE_POLICY, policy))
                .mounts(List.of(Mount.builder()
                        .hostPath(dir.resolve("words").toString())
                        .containerPath("/words")
                        .build()))
                .logPath(dir.resolve("log").toString())
                .build());
    }
}
