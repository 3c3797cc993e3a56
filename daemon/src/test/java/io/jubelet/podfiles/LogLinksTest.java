/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerId;
import io.jubelet.criconfig.Pods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLinksTest {

    private static final ContainerId ID = new ContainerId("c1");

    @TempDir
    Path dir;

    private LogLinks links;
    private Path containers;
    private Path log;

    @BeforeEach
    void lieBesideTheLogs() throws IOException {
        Path pods = Files.createDirectories(dir.resolve("log/pods"));
        links = new LogLinks(pods);
        containers = dir.resolve("log/containers");
        log = pods.resolve("default_web-node1_" + Pods.UID + "/app/0.log");
    }

    @Test
    void pointsToTheLogUntilItIsRemoved() throws IOException {
        links.add(Pods.WEB, Pods.NODE, "app", ID, log);
        links.add(Pods.WEB, Pods.NODE, "app", ID, log);
        Path link = containers.resolve("web-node1_default_app-c1.log");
        assertEquals(log, Files.readSymbolicLink(link));
        links.remove(Pods.WEB, Pods.NODE, "app", ID);
        links.remove(Pods.WEB, Pods.NODE, "app", ID);
        assertEquals(0, containers.toFile().list().length);
        links.add(Pods.WEB, Pods.NODE, "app", ID, log);
        links.removeAll(log.getParent().getParent());
        assertEquals(0, containers.toFile().list().length);
    }

    @Test
    void neitherCreatesNorRemovesAnythingBehindALink() throws IOException {
        Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(elsewhere.resolve("web-node1_default_app-c1.log"), log);
        Files.createSymbolicLink(containers, elsewhere);
        links.remove(Pods.WEB, Pods.NODE, "app", ID);
        links.removeAll(log.getParent().getParent());
        assertTrue(Files.exists(link, LinkOption.NOFOLLOW_LINKS));
        links.add(Pods.WEB, Pods.NODE, "app", new ContainerId("c2"), log);
        assertEquals(1, elsewhere.toFile().list().length);
    }
}
