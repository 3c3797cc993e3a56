/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the manifest directory promises, against a daemon on real containerd, as its commands show it. */
@OnContainerd
class ManifestFilesContainerdTest {

    private DaemonProcess daemon;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess().start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    /** The line of {@code get manifests} on a file, its path left out. */
    private String told(String file) {
        String path = daemon.manifests.resolve(file) + " ";
        return daemon.cliQuietly("get", "manifests", "-o", "wide", "--no-headers")
                .lines()
                .filter(line -> line.startsWith(path))
                .map(line -> line.substring(path.length()).strip())
                .findFirst()
                .orElse("");
    }

    private void awaitTold(String file, String pattern) {
        daemon.await(file + " to be " + pattern, () -> told(file).matches(pattern));
    }

    @Test
    void podsThatShareAWrittenUidAreTwoPodsAndAnEditWithoutAnotherUidCounts() throws Exception {
        String uid = "11111111-2222-3333-4444-555555555555";
        String text =
                pod("web", "echo one; " + sleeper()).replace("  name: web\n", "  name: web\n  uid: " + uid + "\n");
        daemon.write("web.yaml", text);
        Container web = daemon.awaitRunning("web");
        awaitTold("web.yaml", "Accepted .*metadata.uid: is ignored; .*");
        daemon.write("twin.yaml", text.replace("  name: web\n", "  name: twin\n"));
        Container twin = daemon.awaitRunning("twin");
        daemon.write("web.yaml", text.replace("echo one", "echo two"));
        Container edited = daemon.awaitReplaced("web", web);
        daemon.await("the edit", () -> daemon.output(edited).equals("two\n"));
        assertEquals(twin.id(), daemon.awaitRunning("twin").id());
        daemon.remove("twin.yaml");
        daemon.awaitGone("twin");
        assertEquals(edited.id(), daemon.awaitRunning("web").id());
    }

    @Test
    void whatIsNoPlainFileIsNeverOpenedAndShownWithTheReason() throws Exception {
        Commands.shell(
                daemon.manifests,
                "mkfifo fifo.yaml; mknod device.yaml c 1 3; ln -s loop.yaml loop.yaml; mkdir below.yaml; ln -s nowhere"
                        + " dangling.yaml; echo x > .hidden.yaml; echo x > web.yaml~; echo x > web.yaml.bak; echo x >"
                        + " notes.txt; echo x > .web.yaml.swp");
        try (RandomAccessFile large =
                new RandomAccessFile(daemon.manifests.resolve("large.yaml").toFile(), "rw")) {
            large.setLength((3 << 20) + 1);
        }
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(daemon.manifests.resolve("socket.yaml")));
            daemon.write("web.yaml", pod("web", sleeper()));
            daemon.awaitRunning("web");
            awaitTold("fifo.yaml", "Ignored .* is a FIFO.*");
            awaitTold("device.yaml", "Ignored .* is a device");
            awaitTold("socket.yaml", "Ignored .* is a socket");
            awaitTold("loop.yaml", "Ignored .* is a symbolic link that leads to itself");
            awaitTold("dangling.yaml", "Ignored .* is a symbolic link to nothing");
            awaitTold("below.yaml", "Ignored .* is a directory.*");
            awaitTold("large.yaml", "Refused .* is larger than 3 MiB; divide it into several files");
            awaitTold(".hidden.yaml", "Ignored .* its name begins with a dot");
            awaitTold("web.yaml~", "Ignored .* its name is that of a backup");
            awaitTold("web.yaml.bak", "Ignored .* its name is that of a backup");
            awaitTold("notes.txt", "Ignored .* its name does not end in .yaml, .yml or .json");
            assertEquals(
                    "! " + daemon.manifests.resolve("large.yaml")
                            + " refused: is larger than 3 MiB; divide it into several files\n",
                    daemon.jubelet("get", "pods").err(),
                    "what is ignored is no trouble, and what is refused is");
        }
        Commands.Outcome writer = Commands.run(
                java.util.List.of("timeout", "0.3", "sh", "-c", "echo x > " + daemon.manifests.resolve("fifo.yaml")));
        assertEquals(124, writer.exitCode(), "a process reads the FIFO");
    }

    @Test
    void aBackupBesideAManifestNeverWins() throws Exception {
        daemon.write("web.yaml", pod("web", "echo real; " + sleeper()));
        Container web = daemon.awaitRunning("web");
        for (String backup : new String[] {"web.yaml.bak", "web.yaml~", "web.yaml.orig", ".web.yaml", "#web.yaml#"}) {
            daemon.write(backup, pod("web", "echo backup; " + sleeper()));
        }
        awaitTold("#web.yaml#", "Ignored .*");
        daemon.kill();
        daemon.start();
        daemon.holdsFor(
                "the real one",
                Duration.ofSeconds(1),
                () -> daemon.running("web").stream().allMatch(c -> c.id().equals(web.id())));
    }

    @Test
    void ofTwoFilesThatNameOnePodTheRunningOneStaysUntilItGoes() throws Exception {
        daemon.write("b.yaml", pod("web", "echo first; " + sleeper()));
        Container first = daemon.awaitRunning("web");
        daemon.write("a.yaml", pod("web", "echo second; " + sleeper()));
        awaitTold("a.yaml", "Conflict +<none> .* metadata.name: the pod default/web already belongs to .*/b.yaml, .*");
        assertTrue(daemon.cli("get", "pods").contains("a.yaml in conflict: "), daemon.cli("get", "pods"));
        assertEquals(first.id(), daemon.awaitRunning("web").id());
        daemon.kill();
        daemon.start();
        awaitTold("a.yaml", "Conflict .*");
        assertEquals(first.id(), daemon.awaitRunning("web").id());
        daemon.remove("b.yaml");
        Container second = daemon.awaitReplaced("web", first);
        daemon.await("the other's content", () -> daemon.output(second).equals("second\n"));
        awaitTold("a.yaml", "Accepted +default/web .*");
    }

    @Test
    void aMissingDirectoryIsReportedKeepsPodsRunningAndIsWatchedFor() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        Container web = daemon.awaitRunning("web");
        Path away = daemon.home.resolve("away");
        Files.move(daemon.manifests, away);
        daemon.await(
                "it to be told",
                () -> daemon.cliQuietly("get", "pods")
                        .contains("! " + daemon.manifests
                                + " unreadable: the manifest directory cannot be read: it does not exist"));
        daemon.crash(web);
        Container again = daemon.awaitReplaced("web", web);
        daemon.kill();
        daemon.start();
        daemon.holdsFor(
                "it runs on",
                Duration.ofSeconds(1),
                () -> daemon.running("web").stream().anyMatch(c -> c.id().equals(again.id())));
        Files.move(away, daemon.manifests);
        awaitTold("web.yaml", "Accepted .*");
        assertEquals("", daemon.jubelet("get", "pods").err());
        assertEquals(again.id(), daemon.awaitRunning("web").id());
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
    }

    @Test
    void aSwappedTargetOfALinkIsNoticedLongBeforeTheNextLookAtTheDirectory() throws Exception {
        daemon.stop();
        daemon.start("--file-check-frequency=1h");
        Path target = Files.createDirectories(daemon.home.resolve("target"));
        Files.createDirectory(target.resolve("..1"));
        Files.createDirectory(target.resolve("..2"));
        Files.writeString(target.resolve("..1/web.yaml"), pod("web", "echo one; " + sleeper()));
        Files.writeString(target.resolve("..2/web.yaml"), pod("web", "echo two; " + sleeper()));
        Commands.shell(target, "ln -s ..1 ..data");
        Files.createSymbolicLink(daemon.manifests.resolve("web.yaml"), target.resolve("..data/web.yaml"));
        Container before = daemon.awaitRunning("web");
        Commands.shell(target, "ln -s ..2 ..new && mv -T ..new ..data");
        daemon.await("the swap to be noticed", () -> daemon.log().contains("the manifest changed"));
        Container after = daemon.awaitReplaced("web", before);
        daemon.await("the new target", () -> daemon.output(after).equals("two\n"));
    }

    @Test
    void aFileInTheMiddleOfBeingWrittenIsNotActedOn() throws Exception {
        daemon.write("web.yaml", pod("web", "echo one; " + sleeper()));
        Container before = daemon.awaitRunning("web");
        byte[] content = pod("web", "echo two; " + sleeper()).getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = Files.newOutputStream(daemon.manifests.resolve("web.yaml"))) {
            out.write(content, 0, content.length / 2);
            awaitTold("web.yaml", "BeingWritten +default/web .*");
            daemon.holdsFor(
                    "the old version",
                    Duration.ofMillis(500),
                    () -> daemon.running("web").stream().allMatch(c -> c.id().equals(before.id())));
            out.write(content, content.length / 2, content.length - content.length / 2);
        }
        Container after = daemon.awaitReplaced("web", before);
        daemon.await("the new content", () -> daemon.output(after).equals("two\n"));
    }

    @Test
    void mistakeIsReportedWithPositionFieldAndSuggestionAndPodsKeepRunning() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        Container web = daemon.awaitRunning("web");
        daemon.write(
                "web.yaml",
                pod("web", sleeper()).replace("    image:", "    imge:").replace("imagePullPolicy", "x"));
        awaitTold(
                "web.yaml",
                "Refused +default/web .* \\d+:5: spec.containers\\[0\\].imge: a container has no field \"imge\"; did"
                        + " you mean \"image\"\\?; \\d+:5: spec.containers\\[0\\].x: .*");
        String footer = daemon.jubelet("get", "pods").err();
        assertTrue(footer.startsWith("! " + daemon.manifests.resolve("web.yaml") + " refused: "), footer);
        assertTrue(footer.contains("did you mean \"image\"? (and 1 more) (last good version keeps running)"), footer);
        daemon.await(
                "the line in the log",
                () -> daemon.log().matches("(?s).*WARN[^\n]*/web.yaml:\\d+:5: spec.containers\\[0\\].imge: .*"));
        assertTrue(daemon.cli("describe", "pod", "web").contains("!!  parse      refused: "));
        assertEquals(web.id(), daemon.awaitRunning("web").id());
    }

    @Test
    void jsonAndSeveralDocumentsAreReadAndOtherKindsAreTaught() throws Exception {
        daemon.write("two.yaml", pod("one", sleeper()) + "---\n" + pod("two", sleeper()));
        daemon.write("three.json", """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "three"}, "spec": {"containers": [
              {"name": "app", "image": "docker.io/library/busybox:1", "imagePullPolicy": "IfNotPresent",
               "command": ["sleep", "1000"]}]}}
            """);
        daemon.write("web.yml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n");
        daemon.awaitRunning("one");
        daemon.awaitRunning("two");
        daemon.awaitRunning("three");
        awaitTold("web.yml", "Refused .* take the pod out of its spec.template, .*");
        daemon.write("two.yaml", pod("two", sleeper()));
        daemon.awaitGone("one");
        daemon.awaitRunning("two");
    }
}
