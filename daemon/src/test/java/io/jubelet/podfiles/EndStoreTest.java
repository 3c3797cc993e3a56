/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.node.Mounts;
import io.jubelet.plan.PodEnd;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodStatus.Phase;
import io.jubelet.pod.RestartPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndStoreTest {

    private static final String UID = "0123456789abcdef0123456789abcdef";
    private static final PodEnd END = new PodEnd(
            Phase.Failed,
            Optional.of("DeadlineExceeded"),
            Optional.of("it took too long"),
            List.of(
                    new PodEnd.Container(
                            "app",
                            3,
                            137,
                            Optional.of("Error"),
                            Instant.parse("2026-01-01T12:00:00Z"),
                            Instant.parse("2026-01-01T12:00:01.5Z")),
                    new PodEnd.Container("log", 0, 0, Optional.empty(), null, null)));

    @TempDir
    Path dir;

    private PodDirectories directories;

    @BeforeEach
    void open() throws IOException {
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
    }

    private Path file() {
        return dir.resolve("root/pods").resolve(UID).resolve("end");
    }

    private void makeDirectory() throws IOException {
        Pod pod = TestPods.pod(UID, RestartPolicy.Never, "app");
        directories.make(pod);
    }

    @Test
    void anEndOutlivesTheDaemon() throws IOException {
        makeDirectory();
        EndStore store = new EndStore(directories);
        assertEquals(Optional.empty(), store.read(UID));
        store.write(UID, END);
        assertEquals(Optional.of(END), store.read(UID));
        assertEquals(Optional.of(END), new EndStore(directories).read(UID));
    }

    @Test
    void anEndGoesWithTheDirectoryOfTheVersion() throws IOException {
        makeDirectory();
        EndStore store = new EndStore(directories);
        store.write(UID, END);
        Files.delete(file());
        store.forget(UID);
        assertEquals(Optional.empty(), store.read(UID));
    }

    @Test
    void anEndIsStoredAlsoWithoutADirectoryOfTheVersion() throws IOException {
        new EndStore(directories).write(UID, END);
        assertEquals(Optional.of(END), new EndStore(directories).read(UID));
    }

    @Test
    void anEndThatCannotBeStoredIsStoredLater() throws IOException {
        Path pods = dir.resolve("root/pods");
        Files.createDirectories(pods);
        Path inTheWay = Files.createFile(pods.resolve(UID));
        EndStore store = new EndStore(directories);
        store.write(UID, END);
        assertEquals(Optional.of(END), store.read(UID));
        Files.delete(inTheWay);
        assertEquals(Optional.empty(), new EndStore(directories).read(UID));
        assertEquals(Optional.of(END), store.read(UID));
        assertEquals(Optional.of(END), new EndStore(directories).read(UID));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Failed\n",
                "Failed\n\n",
                "Lost\n\n\n",
                "Failed\n\n\napp 3 137",
                "Failed\n\n\napp 3 x - - Error\n",
                "Failed\n\n\napp 3 1 - noon Error\n",
                "Succeeded\n\n"
            })
    void aDamagedFileCountsAsNone(String text) throws IOException {
        makeDirectory();
        Files.writeString(file(), text);
        assertEquals(Optional.empty(), new EndStore(directories).read(UID));
    }
}
