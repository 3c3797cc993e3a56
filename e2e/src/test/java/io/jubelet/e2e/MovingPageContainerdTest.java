/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Runs the commands of docs/moving.md, block by block, with the directories that they name below a directory of the test.
 *
 * <p>{@code systemctl} enables and disables units below that directory, if systemd is installed, and is only recorded
 * otherwise and where it starts or stops something: the tests run without a service manager. {@code podman} is played by a
 * script that has what podman 4.3.1 generated, because podman brings a container runtime of its own.
 */
@OnContainerd
class MovingPageContainerdTest {

    private static final Pattern HEADING_OR_BLOCK =
            Pattern.compile("^## ([^\n]+)$|^```sh\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    /** What {@code podman kube generate} of 4.3.1 printed, with another image and command. */
    private static final String GENERATED = """
            # Created with podman-4.3.1
            ---
            apiVersion: v1
            kind: Pod
            metadata:
              annotations:
                bind-mount-options: /srv:Z
                io.kubernetes.cri-o.TTY/web: "false"
                io.podman.annotations.autoremove/web: "FALSE"
                io.podman.annotations.init/web: "FALSE"
                io.podman.annotations.privileged/web: "FALSE"
                io.podman.annotations.publish-all/web: "FALSE"
              creationTimestamp: "2026-11-30T09:39:32Z"
              labels:
                app: web-pod
              name: web-pod
            spec:
              automountServiceAccountToken: false
              terminationGracePeriodSeconds: 1
              containers:
              - command: [sleep, "1000000"]
                env:
                - name: A
                  value: b
                image: localhost/web:1
                name: web
                resources:
                  limits:
                    memory: 64Mi
                securityContext:
                  capabilities: {}
                volumeMounts:
                - mountPath: /data
                  name: srv-host-0
              enableServiceLinks: false
              volumes:
              - hostPath:
                  path: /srv
                  type: Directory
                name: srv-host-0
            """;

    private Map<String, Deque<String>> page;

    private DaemonProcess daemon;
    private Path calls;

    @BeforeEach
    void prepare() throws Exception {
        page = page();
        daemon = new DaemonProcess();
        calls = Files.createFile(daemon.home.resolve("calls"));
        for (String directory :
                List.of("etc/kubernetes", "etc/containers/systemd", "etc/systemd/system", "var/lib/kubelet")) {
            Files.createDirectories(below(directory));
        }
        Files.createDirectory(below("tmp"));
        Files.createSymbolicLink(below("etc/kubernetes/manifests"), daemon.manifests);
        Files.createSymbolicLink(below("var/lib/jubelet"), daemon.rootDir);
        Files.writeString(
                below("var/lib/kubelet/config.yaml"),
                "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nstaticPodPath: "
                        + daemon.manifests + "\nhealthzPort: 0\n");
        Path units = Files.createDirectories(below("usr/local/lib/systemd/system"));
        Files.createDirectory(units.resolve("jubelet.service.d"));
        Path source = Commands.source().resolve("systemd");
        Files.writeString(
                units.resolve("jubelet.service"),
                Files.readString(source.resolve("jubelet.service")).replace("@PREFIX@", "/usr/local"));
        String kubeadm = "jubelet.service.d/20-kubeadm.conf.example";
        Files.copy(source.resolve(kubeadm), units.resolve(kubeadm));
        Files.writeString(
                Files.createDirectories(below("usr/lib/systemd/system")).resolve("kubelet.service"),
                "[Service]\nExecStart=/usr/bin/kubelet\n[Install]\nWantedBy=multi-user.target\n");
        writePrograms();
    }

    @AfterEach
    void close() throws IOException {
        if (daemon == null) {
            return; // the test was skipped
        }
        daemon.close();
    }

    private Path below(String path) {
        return daemon.home.resolve(path);
    }

    private void writePrograms() throws IOException {
        Files.createDirectory(below("bin"));
        List<String> jubelet = Commands.jubelet(daemon.socket);
        program(
                "jubelet",
                "export JUBELET_API_SOCKET=" + daemon.socket + "\nexec "
                        + jubelet.subList(0, jubelet.size() - 1).stream()
                                .map(word -> "'" + word + "'")
                                .collect(Collectors.joining(" "))
                        + " \"$@\"\n");
        program("systemctl", """
                echo "systemctl $*" >>'%s'
                case $1 in enable | disable)
                    verb=$1
                    shift
                    [ "$1" != --now ] || shift
                    if [ -x /usr/bin/systemctl ]; then exec /usr/bin/systemctl -q --root='%s' $verb "$@"; fi ;;
                esac
                """.formatted(calls, daemon.home));
        Path containerd = RuntimeUnderTest.containerd();
        String ctr = Files.readString(containerd.resolveSibling("bin-dir")).strip() + "/ctr -a " + containerd;
        program("ctr", "exec " + ctr + " \"$@\"\n");
        Files.writeString(below("generated.yaml"), GENERATED);
        program("podman", """
                echo "podman $*" >>'%1$s'
                case $1 in
                kube) cat '%2$s' ;;
                save)
                    %3$s -n k8s.io images tag --force docker.io/library/busybox:1 "$2" >&2
                    %3$s -n k8s.io images export '%4$s' "$2" >&2
                    # Before the program that reads the archive can have imported the image.
                    %3$s -n k8s.io images rm "$2" >&2
                    cat '%4$s' ;;
                esac
                """.formatted(calls, below("generated.yaml"), ctr, below("image.tar")));
    }

    private void program(String name, String script) throws IOException {
        Path file = Files.writeString(below("bin/" + name), "#!/bin/sh\nset -e\n" + script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The blocks of commands by the heading of their section, in the order of the page. */
    private static Map<String, Deque<String>> page() throws IOException {
        Map<String, Deque<String>> blocks = new LinkedHashMap<>();
        String heading = "";
        Matcher next =
                HEADING_OR_BLOCK.matcher(Files.readString(Commands.source().resolve("docs/moving.md")));
        while (next.find()) {
            if (next.group(2) == null) {
                heading = next.group(1);
            } else {
                blocks.computeIfAbsent(heading, _ -> new ArrayDeque<>()).add(next.group(2));
            }
        }
        return blocks;
    }

    private String[] command(String section) {
        // The daemon of the check takes the place of the shell, so that the test ends it and not the shell.
        String block = page.get(section).remove().replace("unshare --mount", "exec unshare --mount");
        // Also mountinfo has the real paths, so those of the page change wherever they begin a word.
        String moved = block.replaceAll(
                "(?<=[\\s=>'])/(etc|tmp|usr|var)/", Matcher.quoteReplacement(daemon.home + "/") + "$1/");
        return new String[] {"bash", "-ec", "cd '" + daemon.home + "'; PATH='" + below("bin") + "':$PATH\n" + moved};
    }

    /** Runs the next block of a section, which must succeed, and returns what it prints. */
    private String run(String section) throws Exception {
        Commands.Outcome outcome = Commands.run(List.of(command(section)));
        assertEquals(0, outcome.exitCode(), () -> section + ": " + outcome.out() + outcome.err());
        return outcome.out();
    }

    /** The calls of systemctl and podman since the last look. */
    private List<String> calls() throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(calls));
        Files.writeString(calls, "");
        return lines;
    }

    private static String pods(Path socket) {
        try {
            return Commands.run(Commands.jubelet(socket, "get", "pods")).out();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        }
    }

    private void assertAllRun(String section) {
        assertEquals(List.of(), List.copyOf(page.get(section)), "each block of the section is run");
    }

    private static String sleeper(String name) {
        return DaemonProcess.pod(name, DaemonProcess.sleeper());
    }

    @Test
    void everySectionWithCommandsIsRun() {
        assertEquals(
                List.of(
                        "Check beforehand",
                        "From a standalone kubelet",
                        "From a node of kubeadm",
                        "From podman",
                        "Go back"),
                List.copyOf(page.keySet()));
    }

    @Test
    void theCheckNamesWhatIsRefused() throws Exception {
        String section = "Check beforehand";
        daemon.write("web", sleeper("web"));
        daemon.write("db.yaml", sleeper("db").replace("image:", "imag:"));
        run(section);
        try (Commands.Running check = Commands.start(List.of(command(section)))) {
            daemon.await(
                    "the daemon to serve: " + check.printed(),
                    () -> pods(below("tmp/jubelet-check/api.sock")).contains("web-"));
            String printed = run(section);
            assertTrue(printed.contains("a container has no field \"imag\"; did you mean \"image\"?"), printed);
            assertTrue(printed.contains("Accepted"), printed);
        }
        assertEquals(List.of(), daemon.sandboxes("web"), "nothing runs");
        run(section);
        assertFalse(Files.exists(below("tmp/jubelet-check")));
        assertAllRun(section);
    }

    @Test
    void aStandaloneKubeletIsReplacedAndComesBack() throws Exception {
        String section = "From a standalone kubelet";
        daemon.write("web", sleeper("web"));
        run(section);
        assertEquals(
                List.of("systemctl daemon-reload", "systemctl disable --now kubelet", "systemctl enable --now jubelet"),
                calls());
        Matcher flags = Pattern.compile("\"JUBELET_ARGS=(.*)\"")
                .matcher(Files.readString(below("etc/systemd/system/jubelet.service.d/10-local.conf")));
        assertTrue(flags.find());
        daemon.options(flags.group(1).split(" "));
        daemon.start();
        daemon.awaitRunning("web");
        assertTrue(run(section).contains("web-" + daemon.node));
        Files.createDirectories(below("var/lib/kubelet/pods/0123/volumes"));
        run(section);
        assertFalse(Files.exists(below("var/lib/kubelet/pods")));
        assertAllRun(section);

        daemon.stop();
        run("Go back");
        assertEquals(List.of("systemctl disable --now jubelet", "systemctl enable --now kubelet"), calls());
    }

    @Test
    void theUnitsOfKubeadmGiveWayAndComeBack() throws Exception {
        String section = "From a node of kubeadm";
        run(section);
        assertEquals(
                List.of("systemctl disable --now kubelet", "systemctl daemon-reload", "systemctl enable --now jubelet"),
                calls());
        Path alias = below("etc/systemd/system/kubelet.service");
        assertTrue(Files.readSymbolicLink(alias).endsWith("usr/local/lib/systemd/system/jubelet.service"));
        List<String> commands =
                Files.readAllLines(below("etc/systemd/system/jubelet.service.d/20-kubeadm.conf")).stream()
                        .filter(line -> line.contains("--adopt-kubelet-pods"))
                        .toList();
        assertEquals(1, commands.size(), commands::toString);
        assertTrue(
                commands.getFirst()
                        .startsWith("ExecStart=/usr/local/lib/jubelet/bin/jubelet run --adopt-kubelet-pods $KUBELET"),
                commands::toString);
        assertAllRun(section);

        page.get("Go back").remove();
        run("Go back");
        assertFalse(Files.exists(alias, LinkOption.NOFOLLOW_LINKS));
        assertEquals("systemctl enable --now kubelet", calls().getLast());
    }

    @Test
    void aContainerOfPodmanRunsAndComesBack() throws Exception {
        String section = "From podman";
        run(section);
        daemon.start();
        run(section);
        run(section);
        daemon.awaitRunning("web-pod");
        assertTrue(run(section).contains("web-pod-" + daemon.node));
        calls();
        Files.writeString(below("etc/containers/systemd/web.kube"), "[Kube]\nYaml=web.yaml\n");
        run(section);
        assertEquals(List.of("systemctl stop web", "systemctl daemon-reload"), calls());
        assertAllRun(section);

        Deque<String> back = page.get("Go back");
        back.remove();
        back.remove();
        run("Go back");
        daemon.awaitGone("web-pod");
        run("Go back");
        assertEquals(List.of("podman start web"), calls());
        assertAllRun("Go back");
    }
}
