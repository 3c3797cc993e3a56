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
import io.jubelet.cri.ContainerId;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A manifest directory that changes under the daemon, and a node that withholds what the daemon likes to have. */
@OnContainerd
class ManifestDirectoryContainerdTest {

    private DaemonProcess daemon;

    @BeforeEach
    void prepareDaemon() throws IOException {
        daemon = new DaemonProcess();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private boolean isTold(String words) {
        return daemon.cliQuietly("get", "pods")
                .contains("! " + daemon.manifests + " unreadable: the manifest directory " + words);
    }

    private List<ContainerId> ids(String pod) {
        return daemon.running(pod).stream().map(Container::id).toList();
    }

    @Test
    void directoryThatIsMadeAnewAndFilledKeepsItsPods() throws Exception {
        daemon.start();
        daemon.write("a.yaml", pod("a", sleeper()));
        daemon.write("b.yaml", pod("b", sleeper()));
        Container a = daemon.awaitRunning("a");
        Container b = daemon.awaitRunning("b");
        Commands.shell(daemon.home, "cp -r manifests kept && rm -r manifests");
        daemon.await("the missing directory to be told", () -> isTold("cannot be read: it does not exist"));
        Files.createDirectory(daemon.manifests);
        daemon.await(
                "the empty directory to be told", () -> isTold("could not be read until now, and 2 manifests are"));
        Commands.shell(daemon.home, "cp kept/a.yaml manifests");
        daemon.await("the first file to be seen", () -> isTold("could not be read until now, and 1 manifest is"));
        Commands.shell(daemon.home, "cp kept/b.yaml manifests");
        daemon.await(
                "the directory to be complete",
                () -> daemon.cliQuietly("get", "pods").indexOf('!') < 0);
        assertEquals(List.of(a.id()), ids("a"));
        assertEquals(List.of(b.id()), ids("b"));
        String events = daemon.cli("get", "events");
        assertTrue(events.contains("ManifestDirectoryUnreadable"), events);
        assertTrue(events.contains("ManifestDirectoryReplaced"), events);
        assertTrue(events.contains("ManifestDirectoryReadable"), events);
        Commands.shell(daemon.manifests, "rm *.yaml");
        daemon.awaitGone("a");
        daemon.awaitGone("b");
        daemon.await(
                "the empty directory to be told",
                () -> daemon.cliQuietly("get", "pods").contains("empty: the manifest directory contains no manifest"));
    }

    @Test
    void unmountedDirectoryKeepsItsPods() throws Exception {
        Commands.shell(daemon.home, "mount -t tmpfs none manifests");
        daemon.start();
        Path kept = Files.writeString(daemon.home.resolve("kept.yaml"), pod("web", sleeper()));
        Files.copy(kept, daemon.manifests.resolve("web.yaml"));
        Container web = daemon.awaitRunning("web");
        Commands.shell(daemon.home, "umount manifests");
        daemon.await("the unmount to be told", () -> isTold("is on another file system than before"));
        Commands.shell(daemon.home, "mount -t tmpfs none manifests && cp kept.yaml manifests/web.yaml");
        daemon.await(
                "the directory to be back",
                () -> daemon.cliQuietly("get", "pods").indexOf('!') < 0);
        assertEquals(List.of(web.id()), ids("web"));
    }

    /** As containers get a manifest from their host; no watch of the directory notices a change of its source. */
    @Test
    void manifestThatIsBoundFromElsewhereIsReadAgainAndKeptWhenItIsUnmounted() throws Exception {
        Path source = Files.writeString(daemon.home.resolve("source.yaml"), pod("web", "echo one; " + sleeper()));
        Commands.shell(daemon.home, "touch manifests/web.yaml && mount --bind source.yaml manifests/web.yaml");
        daemon.start("--file-check-frequency=1s");
        Container first = daemon.awaitRunning("web");
        Files.writeString(source, pod("web", "echo two; " + sleeper()));
        Container second = daemon.awaitReplaced("web", first);
        daemon.await("what was written", () -> daemon.output(second).equals("two\n"));
        Commands.shell(daemon.home, "umount manifests/web.yaml");
        daemon.await(
                "the empty file to be told",
                () -> daemon.cliQuietly("get", "pods")
                        .contains("! " + daemon.manifests.resolve("web.yaml") + " refused: is empty"));
        assertEquals(List.of(second.id()), ids("web"));
    }

    /** In a user namespace, because these limits hold for the whole machine elsewhere. */
    @Test
    void withoutInotifyTheDirectoryIsPolled() throws Exception {
        for (String limit : List.of("instances", "watches")) {
            daemon.runBy(
                    "unshare",
                    "-Ur",
                    "sh",
                    "-c",
                    "echo 0 >/proc/sys/user/max_inotify_" + limit + "; exec \"$@\"",
                    "sh");
            daemon.start("--file-check-frequency=1h");
            daemon.await(
                    "the limit to be told",
                    () -> daemon.log()
                            .matches("(?s).*WARN[^\n]*cannot watch [^\n]*, polling it every second instead: .*"));
            String file = limit + ".yaml";
            daemon.write(file, pod(limit, "echo one; " + sleeper()));
            Container first = daemon.awaitRunning(limit);
            daemon.write(file, pod(limit, "echo two; " + sleeper()));
            daemon.awaitReplaced(limit, first);
            daemon.remove(file);
            daemon.awaitGone(limit);
            daemon.stop();
            Files.delete(daemon.home.resolve("daemon.log"));
        }
    }

    /** As a service starts it: the launcher, and no variable of a locale. */
    @Test
    void namesOutsideAsciiWorkWithoutALocale() throws Exception {
        // The JVM of this test might have no locale either, so the shell makes the names.
        String name = "$(printf '\\346\\227\\245\\346\\234\\254')";
        daemon.runBy(launcher().toString());
        daemon.start();
        Commands.shell(daemon.home, "mkdir " + name);
        String volume = "  volumes: [{name: v, hostPath: {path: " + daemon.home + "/\u65e5\u672c, type: Directory}}]";
        String text = pod("web", sleeper(), volume) + "    volumeMounts: [{name: v, mountPath: /v}]\n";
        Path plain = Files.writeString(daemon.home.resolve("plain"), text, StandardCharsets.UTF_8);
        Commands.shell(daemon.home, "mv " + plain + " manifests/" + name + ".yaml");
        Container web = daemon.awaitRunning("web");
        daemon.kill();
        daemon.start();
        daemon.await(
                "the file to be listed",
                () -> daemon.cliQuietly("get", "manifests", "--no-headers")
                        .matches("(?s).*/\u65e5\u672c.yaml +Accepted .*"));
        assertEquals(List.of(web.id()), ids("web"));
        Commands.shell(daemon.manifests, "rm *.yaml");
        daemon.awaitGone("web");
    }

    /**
     * A program that runs the launcher of the distribution, without the variables of a locale, with the classes under test. It
     * leaves out the JVM that {@link Commands#jubelet} puts before the arguments of the daemon.
     */
    private Path launcher() throws IOException {
        Path bin = Files.createDirectories(daemon.home.resolve("dist/bin"));
        Path lib = Files.createDirectories(daemon.home.resolve("dist/lib"));
        Path sources = Commands.source().resolve("daemon/src/main/dist");
        for (String options : List.of("jvm-daemon.options", "jvm-cli.options")) {
            Files.copy(sources.resolve(options), lib.resolve(options));
        }
        Path program =
                Files.copy(sources.resolve("jubelet"), bin.resolve("jubelet"), StandardCopyOption.COPY_ATTRIBUTES);
        StringBuilder names = new StringBuilder();
        int count = 0;
        for (String entry : Commands.classPath().split(File.pathSeparator)) {
            String name = "e" + count++;
            Files.createSymbolicLink(lib.resolve(name), Path.of(entry));
            names.append(name).append('\n');
        }
        Files.writeString(lib.resolve("classpath"), names);
        Path script = Files.writeString(
                daemon.home.resolve("launch"), """
                    #!/bin/sh
                    unset LANG LC_ALL LC_CTYPE
                    while [ "$1" != io.jubelet.cli.Main ]; do shift; done
                    socket=$2
                    shift 3
                    export JUBELET_JAVA_HOME='%s'
                    exec sh '%s' run "$@" "$socket"
                    """.formatted(System.getProperty("java.home"), program));
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }
}
