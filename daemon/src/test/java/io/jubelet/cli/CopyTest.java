/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.archive.CopyPath;
import io.jubelet.archive.TreePacking;
import io.jubelet.remotecommand.HostProcess;
import io.jubelet.remotecommand.StreamServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code jubelet cp} with a container whose file system is a directory of this machine, and whose tar is that of it. */
@Timeout(60)
class CopyTest {

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final byte[] content = new byte[1_000_000];
    private StreamServer.Script script = new HostProcess();
    private StreamServer server;
    private Path here;
    private Path inside;

    @BeforeEach
    void start() throws IOException {
        new Random(1).nextBytes(content);
        here = Files.createDirectory(directory.resolve("here"));
        inside = Files.createDirectory(directory.resolve("inside"));
        server = new StreamServer(directory.resolve("api.sock"), peer -> script.play(peer));
        server.pods("""
                {"items":[{"name":"web","pod":{"metadata":{"name":"web-n","namespace":"default"},
                "spec":{"containers":[{"name":"app"}]},
                "status":{"containerStatuses":[{"name":"app","state":{"running":{}}}]}}}]}
                """);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int copy(String... words) {
        String[] arguments = new String[words.length + 2];
        arguments[0] = "cp";
        arguments[1] = "--api-socket=" + server.socket();
        System.arraycopy(words, 0, arguments, 2, words.length);
        Terminal terminal = new Terminal(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> Instant.EPOCH);
        return new JubeletCommand(terminal, _ -> 0).execute(arguments);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void fileIsCopiedUnderANewNameBothWays() throws Exception {
        Path source = Files.write(here.resolve("source"), content);
        assertEquals(0, copy(source.toString(), "web:" + inside.resolve("renamed")), err());
        assertArrayEquals(content, Files.readAllBytes(inside.resolve("renamed")));
        assertEquals(
                0,
                copy(
                        "default/web:" + inside.resolve("renamed"),
                        here.resolve("back").toString()),
                err());
        assertArrayEquals(content, Files.readAllBytes(here.resolve("back")));
        assertEquals("", err());
    }

    @Test
    void directoryThatExistsReceivesTheCopy() throws Exception {
        Path source = Files.write(here.resolve("source"), content);
        assertEquals(0, copy(source.toString(), "web:" + inside), err());
        assertArrayEquals(content, Files.readAllBytes(inside.resolve("source")));
        Path into = Files.createDirectory(here.resolve("into"));
        assertEquals(0, copy("web:" + inside + "/", into.toString()), err());
        assertArrayEquals(content, Files.readAllBytes(into.resolve("inside/source")));
    }

    @Test
    void treeIsCopiedWithLinksAndPermissionsBothWays() throws Exception {
        Path tree = Files.createDirectories(here.resolve("tree/deep"));
        Files.write(tree.resolve("file"), content);
        Files.writeString(here.resolve("tree/run"), "#!/bin/sh\n").toFile().setExecutable(true);
        Files.createSymbolicLink(here.resolve("tree/link"), Path.of("deep/file"));
        assertEquals(0, copy(here.resolve("tree").toString(), "web:" + inside.resolve("new")), err());
        assertArrayEquals(content, Files.readAllBytes(inside.resolve("new/deep/file")));
        assertTrue(Files.isExecutable(inside.resolve("new/run")));
        assertTrue(Files.isSymbolicLink(inside.resolve("new/link")));
        assertEquals(
                0, copy("web:" + inside.resolve("new"), here.resolve("back").toString()), err());
        assertArrayEquals(content, Files.readAllBytes(here.resolve("back/link")));
        assertTrue(Files.isExecutable(here.resolve("back/run")));
        assertEquals(0, copy("web:" + inside + "/new/.", here.resolve("content").toString()), err());
        assertArrayEquals(content, Files.readAllBytes(here.resolve("content/deep/file")));
    }

    @Test
    void ownersAreLeftToTheContainerIfAsked() throws Exception {
        Path source = Files.writeString(here.resolve("source"), "x");
        assertEquals(0, copy("--no-preserve", source.toString(), "web:" + inside.resolve("f")), err());
        assertTrue(server.targets().getLast().contains("&command=--no-same-permissions&command=--no-same-owner"));
    }

    @Test
    void nameWithADashIsNoOption() throws Exception {
        Files.writeString(inside.resolve("-x"), "dash");
        assertEquals(0, copy("web:" + inside + "/-x", here.resolve("x").toString()), err());
        assertEquals("dash", Files.readString(here.resolve("x")));
    }

    @Test
    void missingFilesAreErrors() throws IOException {
        assertEquals(1, copy("web:" + inside.resolve("no"), here.toString()));
        assertTrue(err().contains("tar in container app ended with exit code "), err());
        assertEquals(1, copy(here.resolve("no").toString(), "web:/tmp"));
        assertTrue(err().contains("no doesn't exist in local filesystem"), err());
        assertEquals(1, copy("web:" + inside, here.resolve("no/where").toString()));
        assertTrue(err().contains("there is no directory " + here.resolve("no")), err());
        Files.writeString(here.resolve("f"), "f");
        assertEquals(1, copy(here.resolve("f").toString(), "web:" + inside.resolve("no/where")));
    }

    @Test
    void containerWithoutTarIsAnErrorThatSaysSo() throws IOException {
        script = peer ->
                peer.send(3, "{\"status\":\"Failure\",\"message\":\"exec: \\\"tar\\\": executable file not found\"}");
        assertEquals(1, copy("web:/etc", here.toString()));
        assertTrue(err().contains("tar cannot be run in container app, and copying needs it: exec: \"tar\""), err());
        Files.writeString(here.resolve("f"), "f");
        assertEquals(1, copy(here.resolve("f").toString(), "web:/tmp/"));
    }

    @Test
    void archiveThatEndsEarlyIsAnError() throws IOException {
        Files.write(inside.resolve("f"), content);
        script = peer -> {
            ByteArrayOutputStream archive = new ByteArrayOutputStream();
            TreePacking.pack(inside.resolve("f"), "f", archive, _ -> {});
            peer.send(1, Arrays.copyOf(archive.toByteArray(), 5000));
            peer.exit(0);
        };
        assertEquals(1, copy("web:/f", here.toString()));
        assertTrue(err().contains("the archive ends early"), err());
    }

    @Test
    void hostileContainerWritesNothingElsewhere() throws IOException {
        script = peer -> {
            ByteArrayOutputStream archive = new ByteArrayOutputStream();
            TreePacking.pack(Files.writeString(inside.resolve("f"), "evil"), "../escaped", archive, _ -> {});
            peer.send(1, archive.toByteArray());
            peer.exit(0);
        };
        assertEquals(1, copy("web:/f", here.toString()));
        assertTrue(err().contains("warning: skipping ../escaped, which is not below the requested path"), err());
        assertTrue(err().contains("nothing was copied"), err());
        assertFalse(Files.exists(directory.resolve("escaped")));
        assertFalse(Files.exists(here.resolve("f")));
    }

    @Test
    void usageSaysWhatIsWrong() {
        assertEquals(2, copy("a", "b"));
        assertTrue(err().contains("one of source and destination must be in a container: POD:PATH"), err());
        assertEquals(2, copy("web:/a", "web:/b"));
        assertTrue(err().contains("one of source and destination must be a path of this machine"), err());
        assertEquals(2, copy("web:", "/b"));
        assertTrue(err().contains("names no path behind the colon"), err());
        assertEquals(List.of(), server.targets());
    }

    @ParameterizedTest
    @CsvSource({
        "/etc/hosts, /etc, hosts",
        "/etc/, /, etc",
        "/, /, .",
        "a, ., a",
        "a/b//, a, b",
        "a/., a/., .",
        "a/.., a/.., .",
        "-a/b, ./-a, b",
    })
    void pathIsDividedForTar(String path, String inDirectory, String base) {
        CopyPath parsed = CopyPath.parse("web:" + path);
        assertEquals(inDirectory, parsed.directory());
        assertEquals(base, parsed.base());
    }
}
