/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxStatus.PodSandboxNetworkStatus;
import io.jubelet.cri.StreamOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Measures commands in a container and forwarded ports, each beside the same without the daemon, taking turns. */
final class StreamBench {
    private static final long FORWARDED_BYTES = 64L << 20;
    private static final int BLOCK = 64 << 10;

    private final Path program;
    private final AgentBench agent;
    private final RuntimeView view;
    private final BenchOptions options;
    private final Results results;
    private final Progress progress;

    StreamBench(
            Path program,
            AgentBench agent,
            RuntimeView view,
            BenchOptions options,
            Results results,
            Progress progress) {
        this.program = program;
        this.agent = agent;
        this.view = view;
        this.options = options;
        this.results = results;
        this.progress = progress;
    }

    void streams() throws Exception {
        BusyboxPod pod = BusyboxPod.named("streams").withPorts();
        agent.warmedUp("streams", daemon -> {
            daemon.workspace().rename(pod);
            ContainerId main = view.awaitStarted(pod, null, AgentBench.TIMEOUT).id();
            view.awaitStarted(4, AgentBench.TIMEOUT);
            Thread.sleep(1000);
            onSocket(daemon, pod, main);
            byCommand(daemon, pod, main);
            throughPorts(daemon, pod);
        });
    }

    // --- commands

    private void onSocket(AgentProcess daemon, BusyboxPod pod, ContainerId container) throws Exception {
        List<Double> direct = new ArrayList<>();
        List<Double> taken = new ArrayList<>();
        for (int i = 0; i < options.sizes().starts(); i++) {
            direct.add(atRuntime(container));
            taken.add(atDaemon(daemon, pod));
        }
        add(Metric.EXEC_SOCKET, Subject.FLOOR, direct);
        add(Metric.EXEC_SOCKET, agent.subject(), taken);
    }

    private double atRuntime(ContainerId container) throws IOException {
        long begin = System.nanoTime();
        URI url = view.connection()
                .runtimeService()
                .exec(container, List.of("true"), new StreamOptions(false, false, true, true));
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            CommandStream.start(socket.getInputStream(), socket.getOutputStream(), url.getRawPath(), CommandStream.V4)
                    .awaitSuccess();
        }
        return millisecondsSince(begin);
    }

    private static double atDaemon(AgentProcess daemon, BusyboxPod pod) throws IOException {
        long begin = System.nanoTime();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(daemon.workspace().socket()));
            CommandStream.start(
                            Channels.newInputStream(channel),
                            Channels.newOutputStream(channel),
                            "/exec/default/" + pod.name() + "/main?command=true&output=1&error=1",
                            CommandStream.V5)
                    .awaitSuccess();
        }
        return millisecondsSince(begin);
    }

    private void byCommand(AgentProcess daemon, BusyboxPod pod, ContainerId container) throws Exception {
        List<String> jubelet = jubelet(daemon, "exec", pod.name(), "-c", "main", "--", "true");
        List<String> crictl = options.crictl() == null
                ? List.of()
                : List.of(
                        options.crictl().toString(),
                        "--runtime-endpoint=" + options.endpoint(),
                        "exec",
                        container.value(),
                        "true");
        if (crictl.isEmpty()) {
            progress.print("jubelet exec is measured without crictl beside it");
        }
        List<Double> taken = new ArrayList<>();
        List<Double> cpu = new ArrayList<>();
        List<Double> direct = new ArrayList<>();
        List<Double> directCpu = new ArrayList<>();
        for (int i = 0; i < options.sizes().starts(); i++) {
            if (!crictl.isEmpty()) {
                run(crictl, direct, directCpu);
            }
            run(jubelet, taken, cpu);
        }
        add(Metric.EXEC_COMMAND, Subject.FLOOR, direct);
        add(Metric.EXEC_COMMAND_CPU, Subject.FLOOR, directCpu);
        add(Metric.EXEC_COMMAND, agent.subject(), taken);
        add(Metric.EXEC_COMMAND_CPU, agent.subject(), cpu);
    }

    private List<String> jubelet(AgentProcess daemon, String... words) {
        List<String> command = new ArrayList<>(
                List.of(program.toString(), "--api-socket=" + daemon.workspace().socket()));
        command.addAll(List.of(words));
        return command;
    }

    private void run(List<String> command, List<Double> taken, List<Double> cpu) throws Exception {
        Path output = options.work().resolve("logs").resolve("command.log");
        double before = cpuOfEndedProcesses();
        long begin = System.nanoTime();
        int code = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        taken.add(millisecondsSince(begin));
        cpu.add(cpuOfEndedProcesses() - before);
        if (code != 0) {
            throw new BenchException(
                    String.join(" ", command) + " ended with exit code " + code + ": " + Files.readString(output));
        }
    }

    /** The CPU time of all processes that this one started and waited for, in milliseconds, in steps of 10. */
    private static double cpuOfEndedProcesses() throws IOException {
        return 1000 * ProcessUsage.cpuSecondsOfChildren(Files.readString(Path.of("/proc/self/stat")));
    }

    // --- ports

    /** The local ports at which {@code jubelet port-forward} listens. */
    private record Forwarded(int source, int sink) {}

    private void throughPorts(AgentProcess daemon, BusyboxPod pod) throws Exception {
        String address = address(pod);
        List<String> command =
                jubelet(daemon, "port-forward", pod.name(), ":" + BusyboxPod.SOURCE_PORT, ":" + BusyboxPod.SINK_PORT);
        Process forward = new ProcessBuilder(command)
                .redirectError(options.work()
                        .resolve("logs")
                        .resolve("port-forward.log")
                        .toFile())
                .start();
        try (BufferedReader lines = forward.inputReader()) {
            Forwarded local =
                    new Forwarded(listening(lines, BusyboxPod.SOURCE_PORT), listening(lines, BusyboxPod.SINK_PORT));
            int rounds = options.sizes().startups();
            for (int i = 0; i < rounds; i++) {
                results.add(Metric.FORWARD_FROM_POD, Subject.FLOOR, received(address, BusyboxPod.SOURCE_PORT));
                results.add(Metric.FORWARD_FROM_POD, agent.subject(), received("127.0.0.1", local.source()));
                results.add(Metric.FORWARD_TO_POD, Subject.FLOOR, sent(address, BusyboxPod.SINK_PORT));
                results.add(Metric.FORWARD_TO_POD, agent.subject(), sent("127.0.0.1", local.sink()));
            }
        } finally {
            forward.destroy();
            forward.waitFor();
        }
    }

    private String address(BusyboxPod pod) {
        return view
                .connection()
                .runtimeService()
                .listPodSandboxes(new PodSandboxFilter(null, null, Map.of("io.kubernetes.pod.name", pod.fullName())))
                .stream()
                .map(sandbox -> view.connection()
                        .runtimeService()
                        .podSandboxStatus(sandbox.id())
                        .network())
                .filter(Objects::nonNull)
                .map(PodSandboxNetworkStatus::ip)
                .findFirst()
                .orElseThrow(() -> new BenchException("the pod has no address"));
    }

    /** Reads lines such as {@code Forwarding from 127.0.0.1:41234 -> 7001}. */
    private static int listening(BufferedReader lines, int remote) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("Forwarding from 127.0.0.1:") && line.endsWith(" -> " + remote)) {
                return Integer.parseInt(line.substring(line.indexOf(':') + 1, line.indexOf(" -> ")));
            }
        }
        throw new BenchException("jubelet port-forward has ended");
    }

    private static Samples received(String host, int port) throws IOException {
        long begin = System.nanoTime();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port));
            InputStream in = socket.getInputStream();
            byte[] block = new byte[BLOCK];
            long left = FORWARDED_BYTES;
            while (left > 0) {
                int read = in.read(block);
                if (read < 0) {
                    throw new BenchException("the connection ended early");
                }
                left -= read;
            }
        }
        return perSecond(begin);
    }

    /** The time includes the wait until the pod has read everything. */
    private static Samples sent(String host, int port) throws IOException {
        long begin = System.nanoTime();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port));
            OutputStream out = socket.getOutputStream();
            byte[] block = new byte[BLOCK];
            for (long sent = 0; sent < FORWARDED_BYTES; sent += BLOCK) {
                out.write(block);
            }
            socket.shutdownOutput();
            if (socket.getInputStream().read() >= 0) {
                throw new BenchException("the pod answered");
            }
        }
        return perSecond(begin);
    }

    private static Samples perSecond(long begin) {
        return Samples.of((FORWARDED_BYTES >> 20) / ((System.nanoTime() - begin) / 1e9));
    }

    // ---

    private void add(Metric metric, Subject subject, List<Double> values) {
        if (!values.isEmpty()) {
            results.add(metric, subject, new Samples(values));
        }
    }

    private static double millisecondsSince(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }
}
