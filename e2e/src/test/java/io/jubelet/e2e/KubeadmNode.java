/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerState;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A machine for kubeadm: a network and a table of mounts of its own, so that kubeadm finds its fixed ports free and writes its
 * fixed directories below {@link #home}; a containerd with the images of a control plane; and Jubelet in the kubelet's place.
 * It has no service manager, which kubeadm only warns of.
 */
final class KubeadmNode extends PodsOnRuntime implements AutoCloseable {

    private static final String ADDRESS = "198.51.100.2";
    /** What kubeadm writes, and where that is below {@link #home}. */
    private static final Map<String, String> DIRECTORIES = new TreeMap<>(Map.of(
            "/etc/kubernetes", "etc",
            "/var/lib/kubelet", "kubelet",
            "/var/lib/etcd", "etcd"));

    final Path home;
    private final Path containerd;
    private final Path programs;
    private final List<Path> made;
    private final Process namespaces;
    private Process daemon;

    private KubeadmNode(Path home, Path containerd, Path programs, List<Path> made, Process namespaces) {
        super("kubeadm-" + home.getFileName(), containerd.resolve("containerd.sock"));
        this.home = home;
        this.containerd = containerd;
        this.programs = programs;
        this.made = made;
        this.namespaces = namespaces;
    }

    /** Prepares the machine, with images under the names of these versions of Kubernetes. */
    static KubeadmNode prepare(String... versions) throws IOException, InterruptedException {
        Path like = RuntimeUnderTest.containerd();
        Path home = Files.createTempDirectory("jk");
        Path programs = Files.createDirectory(home.resolve("programs"));
        for (String program : List.of("kubeadm", "kube-apiserver", "kube-controller-manager", "kube-scheduler")) {
            Files.createSymbolicLink(programs.resolve(program), ServerProcess.program("jubelet.test." + program));
        }
        Files.createSymbolicLink(programs.resolve("etcd"), ServerProcess.program("jubelet.test.kubeadm-etcd"));
        List<Path> made = new ArrayList<>();
        for (Map.Entry<String, String> directory : DIRECTORIES.entrySet()) {
            Files.createDirectory(home.resolve(directory.getValue()));
            Path point = Path.of(directory.getKey());
            if (!Files.exists(point)) {
                made.add(Files.createDirectories(point));
            }
        }
        Process namespaces = new ProcessBuilder(
                        "unshare", "--mount", "--net", "--propagation", "private", "sleep", "infinity")
                .start();
        KubeadmNode node = new KubeadmNode(home, home.resolve("containerd"), programs, made, namespaces);
        try {
            node.prepare(like, List.of(versions));
            return node;
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            try (node) {
                throw e;
            }
        }
    }

    private void prepare(Path like, List<String> versions) throws IOException, InterruptedException {
        Path own = Path.of("/proc/self/ns/net");
        Path others = Path.of("/proc/" + namespaces.pid() + "/ns/net");
        await("the namespaces", () -> !link(own).equals(link(others)));
        // The address of a machine is one that a default route uses; both ends of this link are in the namespace.
        inside("ip link set lo up && ip link add eth0 type veth peer name eth1"
                + " && ip addr add " + ADDRESS + "/24 dev eth0 && ip link set eth1 up && ip link set eth0 up"
                + " && ip route add default dev eth0");
        for (Map.Entry<String, String> directory : DIRECTORIES.entrySet()) {
            inside("mount --bind " + home.resolve(directory.getValue()) + " " + directory.getKey());
        }
        // kubeadm would stop and start a kubelet of the machine that the test runs on.
        inside("for p in systemctl rc-service; do"
                + " if q=$(command -v $p); then mount --bind /dev/null \"$(readlink -f \"$q\")\"; fi; done");
        String tools = Commands.source().resolve("tools") + "/";
        String socket = containerd.resolve("containerd.sock").toString();
        inside(tools + "containerd.sh start " + containerd + " "
                + Files.readString(like.resolveSibling("bin-dir")).strip());
        inside(tools + "images.sh " + socket + " " + home.resolve("images"));
        inside(tools + "kubeadm-images.sh " + socket + " " + programs + " " + String.join(" ", versions));
        Files.writeString(
                home.resolve("init.yaml"), """
                apiVersion: kubeadm.k8s.io/v1beta4
                kind: InitConfiguration
                localAPIEndpoint:
                  advertiseAddress: %s
                nodeRegistration:
                  name: %s
                  criSocket: unix://%s
                  kubeletExtraArgs:
                  - name: cgroup-root
                    value: /%s
                ---
                apiVersion: kubeadm.k8s.io/v1beta4
                kind: ClusterConfiguration
                kubernetesVersion: %s
                """.formatted(ADDRESS, node, socket, cgroupRoot, versions.getFirst()));
    }

    private static String link(Path namespace) {
        try {
            return Files.readSymbolicLink(namespace).toString();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private List<String> enter(List<String> command) {
        List<String> all = new ArrayList<>(
                List.of("nsenter", "--target=" + namespaces.pid(), "--mount", "--net", "--wd=" + home, "--"));
        all.addAll(command);
        return all;
    }

    /** Runs a line of shell on this machine, which must succeed. */
    private void inside(String line) throws IOException, InterruptedException {
        // To a file and not to a pipe, which containerd would inherit and hold open.
        Path output = home.resolve("output");
        int code = new ProcessBuilder(enter(List.of("bash", "-c", line)))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        String printed = Files.readString(output);
        assertEquals(0, code, () -> line + ": " + printed);
    }

    /** Starts kubeadm. */
    Commands.Running kubeadm(String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(programs.resolve("kubeadm").toString()));
        command.addAll(List.of(arguments));
        return Commands.start(enter(command));
    }

    /** Starts Jubelet with the command line that the drop-in for kubeadm's nodes has. */
    void startDaemon() throws IOException {
        List<String> jubelet = Commands.jubelet(
                home.resolve("api.sock"),
                "run",
                "--root-dir=" + home.resolve("root"),
                "--pod-logs-dir=" + home.resolve("logs"),
                "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
                "--kubeconfig=/etc/kubernetes/kubelet.conf",
                "--config=/var/lib/kubelet/config.yaml",
                "--cert-dir=/var/lib/kubelet/pki",
                "--image-gc-high-threshold=100");
        List<String> command = new ArrayList<>(
                List.of("sh", "-c", ". /var/lib/kubelet/kubeadm-flags.env; exec \"$@\" $KUBELET_KUBEADM_ARGS", "sh"));
        command.addAll(jubelet);
        daemon = new ProcessBuilder(enter(command))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    /** Ends Jubelet as a service manager does, and starts it again. */
    void restartDaemon() throws IOException, InterruptedException {
        daemon.destroy();
        Eventually.within(SOON).details(this::details).until("the daemon to end", () -> !daemon.isAlive());
        startDaemon();
    }

    /** Whether something listens on a TCP port of this machine. */
    boolean listens(int port) {
        String address = String.format(Locale.ROOT, ":%04X ", port);
        try {
            List<String> sockets = new ArrayList<>();
            for (String table : List.of("tcp", "tcp6")) {
                sockets.addAll(Files.readAllLines(Path.of("/proc/" + namespaces.pid() + "/net/" + table)));
            }
            // 0A is the state of a socket that listens.
            return sockets.stream().anyMatch(line -> line.contains(address) && line.contains(" 0A "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a command of Jubelet prints. */
    String cli(String... arguments) {
        try {
            Commands.Outcome outcome = Commands.run(Commands.jubelet(home.resolve("api.sock"), arguments));
            return outcome.out() + outcome.err();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /** The ids of the running containers by the name of the container. */
    Map<String, String> runningContainers() {
        Map<String, String> running = new TreeMap<>();
        for (Container container : runtime().listContainers(ContainerFilter.state(ContainerState.RUNNING))) {
            running.put(container.metadata().name(), container.id().value());
        }
        return running;
    }

    private Path log() {
        return home.resolve("daemon.log");
    }

    @Override
    String details() {
        try {
            return Files.exists(log()) ? Files.readString(log()) : "the daemon was not started";
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    @Override
    public void close() throws IOException {
        if (daemon != null) {
            daemon.destroyForcibly();
            daemon.onExit().join();
        }
        cri.close();
        try {
            inside(Commands.source().resolve("tools") + "/containerd.sh stop " + containerd);
            namespaces.destroyForcibly();
            namespaces.onExit().join();
            Eventually.within(SOON).until("the cgroups to be removed", this::removeCgroups);
            Commands.shell(home.getParent(), "rm -rf --one-file-system " + home.getFileName());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Path directory : made.reversed()) {
            try {
                Files.delete(directory);
            } catch (DirectoryNotEmptyException _) {
                // Another program of the machine uses it by now.
            }
        }
    }
}
