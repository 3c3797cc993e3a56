/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** ConfigMaps and Secrets beside the manifests of pods, on real containerd. */
@OnContainerd
class LocalConfigContainerdTest extends LocalConfigDaemon {

    // --- environment

    @Test
    void variablesComeFromBothAndChangeWithTheNextStart() throws Exception {
        daemon.write("config.yaml", map("web", "LEVEL: debug, COLOR: blue, file.name: x"));
        writeSecret("secret.yaml", secret("db", "password: hunter2, USER: me"));
        daemon.write("web.yaml", podWith("web", ENDLESS, """
                envFrom:
                - {configMapRef: {name: web}}
                - {prefix: DB_, secretRef: {name: db}}
                - {configMapRef: {name: none, optional: true}}
                env:
                - {name: COLOR, value: "not $(COLOR) but red"}
                - {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
                - {name: LOUD, valueFrom: {configMapKeyRef: {name: web, key: LEVEL}}}
                - {name: LESS, valueFrom: {configMapKeyRef: {name: web, key: none, optional: true}}}
                """, ""));
        Container first = daemon.awaitRunning("web");
        String env = "tr '\\0' '\\n' < /proc/1/environ | grep -E '^(LEVEL|COLOR|DB_|PASSWORD|LOUD|LESS|file)' | sort";
        // Awaited, for what a container was started with is its own only once runc has made way for it.
        awaitInside(first, env, """
                COLOR=not blue but red
                DB_USER=me
                DB_password=hunter2
                LEVEL=debug
                LOUD=debug
                PASSWORD=hunter2
                file.name=x
                """);

        // With another object in the file, for a change of content alone is not logged.
        daemon.write("config.yaml", map("web", "LEVEL: info, COLOR: green") + "---\n" + map("another", "a: b"));
        daemon.await("the change to be known", () -> daemon.log().contains("ConfigMap default/another"));
        daemon.holdsFor(
                "the container goes on",
                Duration.ofSeconds(1),
                () -> daemon.running("web").equals(List.of(first)));
        daemon.crash(first);
        Container second = daemon.awaitReplaced("web", first);
        daemon.await("the new value", () -> inside(second, env).contains("LOUD=info\n"));
        assertTrue(inside(second, env).contains("COLOR=not green but red\n"));
    }

    @Test
    void aContainerWaitsForWhatIsMissingAndStartsTheMomentItAppears() throws Exception {
        daemon.write("web.yaml", podWith("web", ENDLESS, """
                env:
                - {name: A, valueFrom: {configMapKeyRef: {name: web, key: color}}}
                - {name: B, valueFrom: {secretKeyRef: {name: db, key: password}}}
                """, ""));
        daemon.await("the name of what is missing", () -> waiting("web").contains("configmap \"web\" not found"));
        assertTrue(waiting("web").contains("CreateContainerConfigError"), waiting("web"));
        daemon.write("config.yaml", map("web", "colour: blue"));
        daemon.await(
                "the name of the key",
                () -> waiting("web").contains("couldn't find key color in ConfigMap default/web"));
        daemon.write("config.yaml", map("web", "color: blue"));
        daemon.await("the next that is missing", () -> waiting("web").contains("secret \"db\" not found"));
        // A failed start is tried again after 1, 2, 4 and then 8 seconds.
        String failed = "action=StartContainer.*failed.*secret \"db\" not found";
        daemon.await("the back-off to be long", () -> lines(failed).size() >= 4);
        writeSecret("secret.yaml", secret("db", "password: x"));
        daemon.awaitRunning("web");
        Instant accepted = time(lines("secret.yaml is accepted").getLast());
        Instant start = time(lines("action=StartContainer.* reason=").getLast());
        Duration took = Duration.between(accepted, start);
        System.out.println("LocalConfigContainerdTest: Secret accepted -> start begins " + took.toMillis() + " ms");
        assertEquals(4, lines(failed).size(), "or it was tried again meanwhile");
        Instant next = time(lines(failed).getLast()).plusSeconds(8);
        assertTrue(start.isBefore(next), () -> "started " + took + " after the Secret came, when it was due anyway");
    }

    /** Those of the daemon's log that a pattern is found in. */
    private List<String> lines(String pattern) {
        Predicate<String> found = Pattern.compile(pattern).asPredicate();
        return daemon.log().lines().filter(found).toList();
    }

    private static Instant time(String line) {
        return Instant.parse(line.substring(0, line.indexOf(' ')));
    }

    @Test
    void aSecretThatOthersMayReadIsRefusedWithItsCure() throws Exception {
        Path file = daemon.write("secret.yaml", secret("db", "password: hunter2"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        daemon.write("web.yaml", podWith("web", ENDLESS, """
                env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: password}}}]
                """, ""));
        daemon.await(
                "the refusal",
                () -> daemon.cliQuietly("get", "manifests", "-o", "wide").contains("chmod 600 " + file));
        daemon.await("the pod to wait", () -> waiting("web").contains("secret \"db\" not found"));
        assertEquals(0, Commands.run(List.of("chmod", "600", file.toString())).exitCode());
        Container container = daemon.awaitRunning("web");
        assertEquals("hunter2", inside(container, "printf %s \"$A\""));
        assertTrue(daemon.cli("get", "manifests").contains("Secret default/db"), daemon.cli("get", "manifests"));
    }

    // --- volumes

    @Test
    void volumesShowKeysAndModesAsTheKubeletDoes() throws Exception {
        daemon.write("config.yaml", map("web", "a.conf: one, b.conf: two"));
        writeSecret("secret.yaml", secret("db", "password: hunter2, key: k"));
        daemon.write("web.yaml", podWith("web", ENDLESS, """
                volumeMounts:
                - {name: config, mountPath: /config}
                - {name: some, mountPath: /some}
                - {name: secret, mountPath: /secret}
                - {name: none, mountPath: /none}
                """, """
                - {name: config, configMap: {name: web}}
                - {name: some, configMap: {name: web, defaultMode: 0400, items: [{key: a.conf, path: x/y, mode: 0755}, {key: b.conf, path: z}]}}
                - {name: secret, secret: {secretName: db, defaultMode: 0440}}
                - {name: none, secret: {secretName: none, optional: true}}
                """));
        Container container = daemon.awaitRunning("web");
        assertEquals("onetwo", inside(container, "cat /config/a.conf /config/b.conf"));
        assertEquals("a.conf\nb.conf\n", inside(container, "ls /config"));
        assertEquals("644 0 0\n755 0 0\n400 0 0\n440 0 0\n", inside(container, """
                stat -L -c '%a %u %g' /config/a.conf /some/x/y /some/z /secret/password"""));
        assertEquals("onetwo", inside(container, "cat /some/x/y /some/z"));
        assertEquals("hunter2", inside(container, "cat /secret/password"));
        assertEquals("", inside(container, "ls /none"));
        assertEquals("..data/a.conf\n", inside(container, "readlink /config/a.conf"));
        assertTrue(inside(container, "touch /config/new /secret/new 2>&1").contains("Read-only file system"));
        assertTrue(inside(container, "grep ' /secret ' /proc/self/mounts").startsWith("tmpfs "));
        assertFalse(inside(container, "grep ' /config ' /proc/self/mounts").startsWith("tmpfs "));

        Path onHost = volume("kubernetes.io~secret", "secret");
        assertEquals("hunter2", Files.readString(onHost.resolve("password")));
        assertEquals(
                "r--r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(onHost.resolve("password"))));
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        daemon.await("the pod's directory to be gone", () -> !Files.exists(onHost));
        assertFalse(Files.readString(Path.of("/proc/self/mounts")).contains(daemon.home.toString()));
    }

    @Test
    void aChangeIsSeenInPlaceAndAllAtOnce() throws Exception {
        daemon.write("config.yaml", map("web", "a: v0, b: v0"));
        // Each look resolves ..data once; a directory that went meanwhile gives nothing, never a mixture.
        daemon.write(
                "web.yaml",
                podWith(
                        "web",
                        """
                trap 'exit 0' TERM
                while :; do
                  d=$(readlink -f /config/..data)
                  a=$(cat $d/a 2>/dev/null); b=$(cat $d/b 2>/dev/null)
                  [ -n "$a" ] && [ -n "$b" ] && echo "$a $b"
                done""".replace("\n", "; ").replace("do;", "do").replace("   ", " "),
                        """
                volumeMounts:
                - {name: config, mountPath: /config}
                - {name: config, mountPath: /one, subPath: a}
                """,
                        "- {name: config, configMap: {name: web}}\n"));
        Container container = daemon.awaitRunning("web");
        List<Long> times = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            String value = "v" + i;
            long begin = System.nanoTime();
            daemon.write("config.yaml", map("web", "a: " + value + ", b: " + value));
            awaitInside(container, "cat /config/a /config/b", value + value);
            times.add((System.nanoTime() - begin) / 1_000_000);
        }
        System.out.println("LocalConfigContainerdTest: edit -> seen by exec, ms: " + times);
        Set<String> seen = new TreeSet<>(daemon.output(container).lines().toList());
        seen.removeIf(line -> line.matches("v(\\d+) v\\1"));
        assertEquals(Set.of(), seen, "mixed content");
        assertEquals(
                "v0", inside(container, "cat /one"), "a part that was mounted by itself stays, as with the kubelet");
        assertEquals(
                List.of(container.id()),
                daemon.running("web").stream().map(Container::id).toList());

        daemon.write("config.yaml", map("web", "a: v11"));
        awaitInside(container, "ls /config", "a\n");
        daemon.remove("config.yaml");
        daemon.await(
                "the trouble to be told",
                () -> daemon.cliQuietly("get", "events").contains("configmap \"web\" not found"));
        assertEquals("v11", inside(container, "cat /config/a"), "what was there stays");
    }

    @Test
    void changesMadeWhileTheDaemonWasDeadAreSeenAndNothingRestarts() throws Exception {
        daemon.write("config.yaml", map("web", "a: one"));
        daemon.write("web.yaml", podWith("web", ENDLESS, "volumeMounts: [{name: config, mountPath: /config}]\n", """
                - {name: config, projected: {sources: [{configMap: {name: web}}]}}
                """));
        Container container = daemon.awaitRunning("web");
        Path volume = volume("kubernetes.io~projected", "config");
        daemon.kill();
        // As if it had been killed in the middle of an update.
        Path left = Files.createDirectory(volume.resolve("..2026_01_01_00_00_00.7"));
        Files.writeString(left.resolve("a"), "half");
        Files.createSymbolicLink(volume.resolve("..data_tmp"), left.getFileName());
        daemon.write("config.yaml", map("web", "a: two"));
        assertEquals("one", inside(container, "cat /config/a"));
        daemon.start();
        awaitInside(container, "cat /config/a", "two");
        daemon.await("the rest to be gone", () -> !Files.exists(left));
        assertFalse(Files.isSymbolicLink(volume.resolve("..data_tmp")));
        daemon.write("config.yaml", map("web", "a: three"));
        awaitInside(container, "cat /config/a", "three");
        assertEquals(
                List.of(container.id()),
                daemon.running("web").stream().map(Container::id).toList());
    }

    @Test
    void aVolumeWaitsForItsConfigMapAndThenComesAtOnce() throws Exception {
        daemon.write("web.yaml", podWith("web", ENDLESS, "volumeMounts: [{name: config, mountPath: /config}]\n", """
                - {name: config, configMap: {name: web, items: [{key: a, path: a}]}}
                """));
        daemon.await(
                "the reason",
                () -> waiting("web")
                        .contains("MountVolume.SetUp failed for volume \"config\" : configmap \"web\" not found"));
        daemon.write("config.yaml", map("web", "b: one"));
        daemon.await("the key", () -> waiting("web").contains("configmap references non-existent config key: a"));
        daemon.write("config.yaml", map("web", "a: one"));
        assertEquals("one", inside(daemon.awaitRunning("web"), "cat /config/a"));
    }
}
