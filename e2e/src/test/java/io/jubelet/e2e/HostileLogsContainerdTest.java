/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Pods that have the logs or the directories of pods mounted and put symbolic links in them, on real containerd. What we do
 * with these files stays in the directories of the pods: nothing behind a link is read, renamed, truncated, compressed,
 * opened to others or deleted.
 */
@OnContainerd
class HostileLogsContainerdTest {

    private static final String SECRET = "root's own\n".repeat(1000);

    private DaemonProcess daemon;
    private Path logs;
    private Path pods;
    private Path outside;
    private Path secret;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess();
        logs = daemon.home.resolve("log/pods");
        pods = daemon.rootDir.resolve("pods");
        outside = Files.createDirectories(daemon.home.resolve("outside"));
        secret = Files.writeString(outside.resolve("secret"), SECRET);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        daemon.options("--pod-logs-dir=" + logs, "--config=" + ConfigFiles.write("hostile-logs", """
            containerLogMaxSize: 4Ki
            containerLogMaxFiles: 3
            containerLogMonitorInterval: 1s
            crashLoopBackOff: {maxContainerRestartPeriod: 1s}
            """));
        daemon.start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private void assertOutsideHasOnly(String... names) throws IOException {
        assertEquals(
                new TreeSet<>(Set.of(names)),
                new TreeSet<>(List.of(outside.toFile().list())));
        assertEquals(SECRET, Files.readString(secret));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
    }

    /** Runs a pod to its end that has what is given mounted at {@code /h}, and outside at its own path. */
    private void attack(String name, Path mounted, String script) throws IOException {
        daemon.write(name + ".yaml", attacker(name, mounted, script));
        daemon.await(
                name + " to be done",
                () -> api(name).contains("\"phase\":\"Succeeded\"") || api(name).contains("\"phase\":\"Failed\""));
        assertTrue(api(name).contains("\"phase\":\"Succeeded\""), () -> api(name));
    }

    private static String attacker(String name, Path mounted, String script) {
        return DaemonProcess.pod(
                        name,
                        "set -e; " + script,
                        "  restartPolicy: Never\n  volumes: [{name: v, hostPath: {path: " + mounted + "}}]")
                + "    volumeMounts: [{name: v, mountPath: /h}]\n";
    }

    /** A pod that waits for files in {@code /h}. */
    private String victim(String script, String moreSpec) throws IOException {
        String volume = "  volumes: [{name: v, hostPath: {path: " + Files.createDirectory(signals()) + "}}]";
        return DaemonProcess.pod("victim", script, moreSpec + volume)
                + "    volumeMounts: [{name: v, mountPath: /h}]\n";
    }

    private Path signals() {
        return daemon.home.resolve("signals");
    }

    private String api(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }

    private static String uid(Container container) {
        return container.labels().get("io.kubernetes.pod.uid");
    }

    /** The log directory of the only container of a pod. */
    private Path logsOf(Container container, String pod) {
        return logs.resolve("default_" + pod + "-" + daemon.node + "_" + uid(container) + "/app");
    }

    /** Prints for ever what is about a log's limit in a second. */
    private static String chatter() {
        return "i=0; while :; do i=$((i+1)); echo line $i of a log; sleep 0.02; done";
    }

    private boolean isFile(Path path) {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void aLogThatBecameALinkIsNeitherReadNorRotatedNorLost() throws Exception {
        // The pod prints little before, because a rotation could replace the link between renaming and reopening.
        daemon.write("victim.yaml", victim("echo first; until test -e /h/go; do sleep 0.1; done; " + chatter(), ""));
        Path log = logsOf(daemon.awaitRunning("victim"), "victim").resolve("0.log");
        attack("attacker", log.getParent(), "ln -s " + secret + " /h/new; mv -f /h/new /h/0.log");
        daemon.await("a log again", () -> isFile(log));
        Files.createFile(signals().resolve("go"));
        daemon.await(
                "what is printed in it",
                () -> daemon.cliQuietly("logs", "victim", "--tail=1").matches("line \\d+ of a log\n"));
        assertFalse(daemon.cli("logs", "victim").contains("root's own"));
        assertTrue(daemon.log().contains("a log was replaced by something else"));
        daemon.remove("victim.yaml");
        daemon.awaitGone("victim");
        assertOutsideHasOnly("secret");
    }

    @Test
    void rotatedFilesThatAreLinksAreTakenAwayAndNotCompressed() throws Exception {
        daemon.write("victim.yaml", DaemonProcess.pod("victim", chatter()));
        Path directory = logsOf(daemon.awaitRunning("victim"), "victim");
        List<String> links = List.of("0.log.20200101-000000", "0.log.20200101-000001.gz", "0.log.20200101-000002.tmp");
        StringBuilder script = new StringBuilder();
        for (String link : links) {
            script.append("ln -s ").append(secret).append(" /h/").append(link).append("; ");
        }
        attack("attacker", directory, script.toString());
        daemon.await(
                "a rotation",
                () -> links.stream().noneMatch(name -> Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS))
                        && count(directory) == 3);
        assertFalse(daemon.cli("logs", "victim").contains("root's own"));
        assertOutsideHasOnly("secret");
    }

    private static int count(Path directory) {
        String[] names = directory.toFile().list();
        return names == null ? 0 : names.length;
    }

    @Test
    void rotatedFilesReplacedByLinksAreNotFollowed() throws Exception {
        daemon.write("victim.yaml", DaemonProcess.pod("victim", chatter()));
        Path directory = logsOf(daemon.awaitRunning("victim"), "victim");
        daemon.write(
                "attacker.yaml",
                attacker(
                        "attacker",
                        directory,
                        "cd /h; while :; do for f in 0.log.*; do ln -sf " + secret + " $f 2>/dev/null || true; "
                                + "rm -f $f 2>/dev/null || true; mkfifo $f 2>/dev/null || true; done; done"));
        daemon.awaitRunning("attacker");
        Set<Object> seen = new java.util.HashSet<>();
        daemon.await("ten rotations", Duration.ofMinutes(2), () -> {
            try {
                seen.add(Files.readAttributes(
                                directory.resolve("0.log"), java.nio.file.attribute.BasicFileAttributes.class)
                        .creationTime());
            } catch (IOException _) {
                return false; // between two files
            }
            assertFalse(daemon.cliQuietly("logs", "victim").contains("root's own"));
            return seen.size() >= 10;
        });
        assertOutsideHasOnly("secret");
    }

    @Test
    void aLogDirectoryThatBecameALinkIsNotEntered() throws Exception {
        daemon.write("victim.yaml", DaemonProcess.pod("victim", "echo first; " + DaemonProcess.sleeper()));
        Container victim = daemon.awaitRunning("victim");
        Path directory = logsOf(victim, "victim");
        Files.writeString(outside.resolve("0.log"), SECRET);
        Files.writeString(outside.resolve("0.log.20200101-000000"), SECRET);
        attack("attacker", directory.getParent(), "mv /h/app /h/aside; ln -s " + outside + " /h/app");
        String printed = daemon.cli("logs", "victim");
        assertFalse(printed.contains("root's own"), printed);
        daemon.await("a look of the rotation", () -> daemon.log().contains("cannot rotate a log"));
        assertEquals(SECRET, Files.readString(outside.resolve("0.log")));

        daemon.crash(victim);
        daemon.await("a refusal", () -> {
            String status = api("victim");
            return status.contains("\"reason\":\"CreateContainerConfigError\"")
                    && status.contains("is not a directory");
        });
        daemon.remove("victim.yaml");
        daemon.awaitGone("victim");
        daemon.await("its logs to be gone", () -> !Files.exists(directory.getParent()));
        assertOutsideHasOnly("secret", "0.log", "0.log.20200101-000000");
        assertEquals(SECRET, Files.readString(outside.resolve("0.log")));
    }

    @Test
    void lastWordsAreNotTakenFromALogBehindALink() throws Exception {
        daemon.write(
                "victim.yaml",
                victim("until test -e /h/go; do sleep 0.1; done; exit 3", "  restartPolicy: Never\n")
                        + "    terminationMessagePolicy: FallbackToLogsOnError\n");
        Container victim = daemon.awaitRunning("victim");
        Path ofPod = logsOf(victim, "victim").getParent();
        Files.createDirectory(outside.resolve("app"));
        Files.writeString(outside.resolve("app/0.log"), "2026-01-01T00:00:00Z stdout F root's own\n");
        // The directory of the whole pod this time, and then the file.
        attack(
                "attacker",
                logs,
                "mv /h/" + ofPod.getFileName() + " /h/aside; ln -s " + outside + " /h/" + ofPod.getFileName());
        Files.createFile(signals().resolve("go"));
        daemon.await("its end", () -> api("victim").contains("\"exitCode\":3"));
        assertFalse(api("victim").contains("root's own"), () -> api("victim"));
        assertOutsideHasOnly("secret", "app");
    }

    @Test
    void filesThatContainersHaveMountedAreWrittenThroughNoLink() throws Exception {
        daemon.write("victim.yaml", DaemonProcess.pod("victim", "cat /etc/hosts; " + DaemonProcess.sleeper()));
        Container victim = daemon.awaitRunning("victim");
        Path home = pods.resolve(uid(victim));
        attack(
                "attacker",
                home,
                "for f in etc-hosts containers/app/1 manifest.json.tmp condition-times.tmp; do ln -s " + secret
                        + " /h/new; mv -f /h/new /h/$f; done");
        assertTrue(Files.isSymbolicLink(home.resolve("containers/app/1")));
        daemon.crash(victim);
        Container next = daemon.awaitReplaced("victim", victim);
        assertTrue(isFile(home.resolve("etc-hosts")));
        assertTrue(isFile(home.resolve("containers/app/1")));
        daemon.await("its hosts file", () -> daemon.output(next).contains("# Kubernetes-managed hosts file."));
        assertFalse(daemon.output(next).contains("root's own"));
        assertOutsideHasOnly("secret");

        attack("again", home, "mv /h/containers/app /h/aside; ln -s " + outside + " /h/containers/app");
        daemon.crash(next);
        daemon.await("a refusal", () -> api("victim").contains("\"reason\":\"CreateContainerConfigError\""));
        daemon.remove("victim.yaml");
        daemon.awaitGone("victim");
        daemon.await("its directory to be gone", () -> !Files.exists(home));
        assertOutsideHasOnly("secret");
    }

    @Test
    void whatAContainerMakesOfItsHostsFileDoesNotFillTheMemory() throws Exception {
        daemon.write(
                "victim.yaml",
                DaemonProcess.pod(
                        "victim",
                        "head -n 1 /etc/hosts; dd if=/dev/zero of=/etc/hosts bs=1M count=1 seek=300000 2>/dev/null; "
                                + DaemonProcess.sleeper()));
        Container victim = daemon.awaitRunning("victim");
        Path hosts = pods.resolve(uid(victim)).resolve("etc-hosts");
        daemon.await("the file to be large", () -> hosts.toFile().length() > 300_000L << 20);
        daemon.crash(victim);
        Container next = daemon.awaitReplaced("victim", victim);
        daemon.await("its hosts file", () -> daemon.output(next).startsWith("# Kubernetes-managed hosts file."));
        assertFalse(daemon.log().contains("OutOfMemory"));
    }

    @Test
    void noLinkForLogCollectorsIsMadeOrRemovedElsewhere() throws Exception {
        Path containers = logs.resolveSibling("containers");
        daemon.write("before.yaml", DaemonProcess.pod("before", DaemonProcess.sleeper()));
        daemon.awaitRunning("before");
        daemon.await("a link", () -> count(containers) == 1);
        String link = containers.toFile().list()[0];
        // The attacker's own link is made once it runs; made after the move, it would make the directory again.
        attack(
                "attacker",
                logs.getParent(),
                "until ls /h/containers | grep attacker; do sleep 0.1; done; "
                        + "mv /h/containers /h/aside; cp -P /h/aside/before* /h/; ln -s " + outside
                        + " /h/containers");
        Files.move(logs.getParent().resolve(link), outside.resolve(link));
        daemon.write("after.yaml", DaemonProcess.pod("after", DaemonProcess.sleeper()));
        daemon.awaitRunning("after");
        daemon.await("the refusal to be told", () -> daemon.log().contains("log collectors will not find"));
        daemon.remove("before.yaml");
        daemon.awaitGone("before");
        daemon.await("its logs to be gone", () -> logDirectories("before").isEmpty());
        assertOutsideHasOnly("secret", link);
    }

    private List<String> logDirectories(String pod) {
        List<String> found = new ArrayList<>();
        for (String name : logs.toFile().list()) {
            if (name.startsWith("default_" + pod + "-")) {
                found.add(name);
            }
        }
        return found;
    }

    @Test
    void podThatFloodsItsLogTakesBoundedDiskSpaceAndDoesNotDelayOtherPods() throws Exception {
        daemon.write("quiet.yaml", DaemonProcess.pod("quiet", DaemonProcess.sleeper()));
        daemon.awaitRunning("quiet");
        daemon.write(
                "fill.yaml", DaemonProcess.pod("fill", "echo begin; yes 'a line that is printed again and again'"));
        Path directory = logsOf(daemon.awaitRunning("fill"), "fill");
        long before = residentAfterCollection();
        for (int i = 0; i < 5; i++) {
            String name = "other" + i;
            daemon.write(name + ".yaml", DaemonProcess.pod(name, DaemonProcess.sleeper()));
            daemon.awaitRunning(name);
        }
        LogSize size = new LogSize(directory);
        // The output grows without end; the disk holds three files, each of the output of about one second.
        Eventually.within(Duration.ofSeconds(120))
                .every(Duration.ofMillis(2))
                .until(
                        "20 MiB of output, at most half of it on the disk at once",
                        size::sample,
                        now -> now.written() > 20L << 20 && now.largest() <= now.written() / 2);
        assertTrue(
                count(directory) <= 4, () -> List.of(directory.toFile().list()).toString());
        long after = residentAfterCollection();
        assertTrue(after < before + 24_000, () -> before + " kB before and " + after + " kB after");
        daemon.remove("fill.yaml");
        daemon.awaitGone("fill");
        daemon.await("its logs to be gone", () -> !Files.exists(directory.getParent()));
    }

    /** Resident memory in kB after a garbage collection, because before one it includes garbage. */
    private long residentAfterCollection() throws Exception {
        daemon.jcmd("GC.run");
        return daemon.residentKilobytes();
    }

    @Test
    void noLineIsLostWhenALogIsRotated() throws Exception {
        daemon.write("count.yaml", DaemonProcess.pod("count", chatter()));
        Path directory = logsOf(daemon.awaitRunning("count"), "count");
        daemon.await("two rotations", () -> count(directory) == 3);
        List<String> lines = daemon.cli("logs", "count").lines().toList();
        int first = number(lines.getFirst());
        for (int i = 0; i < lines.size(); i++) {
            int expected = first + i;
            assertEquals(expected, number(lines.get(i)), () -> String.join("\n", lines));
        }
        assertTrue(lines.size() > 100, () -> lines.size() + " lines");
    }

    private static int number(String line) {
        return Integer.parseInt(line.split(" ")[1]);
    }
}
