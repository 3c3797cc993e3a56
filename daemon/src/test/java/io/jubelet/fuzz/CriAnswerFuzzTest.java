/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerStatsFilter;
import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxStatsFilter;
import io.jubelet.cri.RuntimeEvent;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StreamOptions;
import io.jubelet.cri.grpc.CallTimeouts;
import io.jubelet.cri.grpc.CriConnection;
import io.jubelet.cri.proto.Cri;
import io.jubelet.observed.Labels;
import io.jubelet.observed.PodObserver;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What a container runtime answers: protobuf messages, and the frames of HTTP/2 with their headers. */
class CriAnswerFuzzTest extends FuzzTargetTest {

    CriAnswerFuzzTest() {
        super("cri-answer", Target.class);
    }

    /** The first byte of an input chooses the call, the rest is the answer. */
    static final class Target implements FuzzTarget {

        /** A call ends with the connection. One that waits for its timeout instead hangs. */
        private static final Duration TIMEOUT = Duration.ofSeconds(20);

        /** The answer is not one message but all bytes that the runtime sends. */
        private static final int RAW = 0x80;

        /** Between several answers. */
        private static final byte[] SEPARATOR = {-1, -1, -1, -1};

        private static final ContainerId CONTAINER = new ContainerId("c");
        private static final PodSandboxId SANDBOX = new PodSandboxId("s");
        private static final StreamOptions STREAMS = new StreamOptions(false, false, true, true);
        private static final ImageSpec IMAGE = ImageSpec.of("docker.io/library/busybox:1");

        private final Path directory = Files.createTempDirectory("fuzz");
        private final FakeRuntime server = new FakeRuntime(directory.resolve("socket"));
        private final CriConnection client =
                CriConnection.open(directory.resolve("socket"), new CallTimeouts(TIMEOUT, TIMEOUT));
        private final RuntimeService runtime = client.runtimeService();
        private final ImageService images = client.imageService();
        private final List<Call> calls = calls();

        private interface Call {
            void run() throws Exception;
        }

        Target() throws IOException {}

        private List<Call> calls() {
            List<Call> all = new ArrayList<>(List.of(
                    this::observe,
                    () -> runtime.listPodSandboxes(PodSandboxFilter.all()),
                    () -> runtime.listContainers(ContainerFilter.all()),
                    () -> runtime.containerStatusVerbose(CONTAINER),
                    () -> runtime.podSandboxStatusVerbose(SANDBOX),
                    () -> runtime.execSync(CONTAINER, List.of("true"), Duration.ofSeconds(1)),
                    runtime::version,
                    () -> runtime.status(true),
                    runtime::runtimeConfig,
                    () -> runtime.containerStats(CONTAINER)));
            all.addAll(List.of(
                    () -> runtime.listContainerStats(ContainerStatsFilter.all()),
                    () -> runtime.listPodSandboxStats(PodSandboxStatsFilter.all()),
                    runtime::listMetricDescriptors,
                    runtime::listPodSandboxMetrics,
                    images::listImages,
                    () -> images.imageStatusVerbose(IMAGE),
                    images::imageFsInfo,
                    () -> images.pullImage(IMAGE, null, null),
                    () -> runtime.exec(CONTAINER, List.of("true"), STREAMS),
                    () -> runtime.streamContainers(ContainerFilter.all(), _ -> {})));
            all.addAll(List.of(
                    this::events,
                    () -> client.containerd().downloads(),
                    () -> client.containerd().containerImages()));
            return all;
        }

        /** What the daemon makes of the lists and statuses for a pod. */
        private void observe() {
            PodObserver observer =
                    new PodObserver(runtime, NodeNames.of("node1"), NodeClock.neverSet(InstantSource.system()));
            PodName name = new PodName("default", "web");
            observer.observe(name);
            observer.observe(name);
        }

        private void events() {
            client.events().open().ifPresent(stream -> {
                try (EventStream<RuntimeEvent> open = stream) {
                    open.poll(Duration.ofMillis(1));
                }
            });
        }

        @Override
        public void run(byte[] input) throws Exception {
            if (input.length == 0) {
                return;
            }
            byte[] answer = Arrays.copyOfRange(input, 1, input.length);
            if ((input[0] & RAW) != 0) {
                server.answerRaw(answer);
            } else {
                server.answer(split(answer));
            }
            Call call = calls.get((input[0] & ~RAW & 0xff) % calls.size());
            long begin = System.nanoTime();
            try {
                InputBudget.within(() -> {
                    call.run();
                    return "";
                });
            } catch (CriException e) {
                // The declared exception.
                if (System.nanoTime() - begin >= TIMEOUT.toNanos()) {
                    throw new AssertionError("the call did not end with its connection", e);
                }
            }
        }

        private static List<byte[]> split(byte[] answer) {
            List<byte[]> parts = new ArrayList<>();
            int start = 0;
            for (int i = 0; i + SEPARATOR.length <= answer.length; i++) {
                if (Arrays.equals(answer, i, i + SEPARATOR.length, SEPARATOR, 0, SEPARATOR.length)) {
                    parts.add(Arrays.copyOfRange(answer, start, i));
                    start = i + SEPARATOR.length;
                    i = start - 1;
                }
            }
            parts.add(Arrays.copyOfRange(answer, start, answer.length));
            return parts;
        }

        @Override
        public List<byte[]> seeds() throws IOException {
            Map<String, String> labels = Map.of(
                    Labels.POD_NAME, "web",
                    Labels.POD_NAMESPACE, "default",
                    Labels.POD_UID, "0123456789abcdef0123456789abcdef",
                    Labels.CONTAINER_NAME, "app",
                    Labels.NODE, "node1");
            Map<String, String> annotations = Map.of(
                    Labels.HASH, "v1:0123",
                    Labels.MANIFEST, "/m/web.yaml",
                    Labels.RESTART_COUNT, "3",
                    Labels.BACKOFF, "20",
                    Labels.ROUND, "1",
                    Labels.GRACE_PERIOD, "30");
            var sandbox = Cri.PodSandbox.newBuilder()
                    .setId("s")
                    .setMetadata(Cri.PodSandboxMetadata.newBuilder()
                            .setName("web")
                            .setNamespace("default")
                            .setUid("0123456789abcdef0123456789abcdef")
                            .setAttempt(1))
                    .setCreatedAt(1_700_000_000_000_000_000L)
                    .putAllLabels(labels)
                    .putAllAnnotations(annotations)
                    .setRuntimeHandler("runc");
            var container = Cri.Container.newBuilder()
                    .setId("c")
                    .setPodSandboxId("s")
                    .setMetadata(
                            Cri.ContainerMetadata.newBuilder().setName("app").setAttempt(3))
                    .setImage(Cri.ImageSpec.newBuilder().setImage("busybox"))
                    .setImageRef("sha256:0123")
                    .setState(Cri.ContainerState.CONTAINER_EXITED)
                    .setCreatedAt(1_700_000_000_000_000_000L)
                    .putAllLabels(labels)
                    .putAllAnnotations(annotations);
            var status = Cri.ContainerStatusResponse.newBuilder()
                    .setStatus(Cri.ContainerStatus.newBuilder()
                            .setId("c")
                            .setMetadata(container.getMetadata())
                            .setState(Cri.ContainerState.CONTAINER_EXITED)
                            .setCreatedAt(1_700_000_000_000_000_000L)
                            .setStartedAt(1_700_000_000_000_000_000L)
                            .setFinishedAt(1_700_000_001_000_000_000L)
                            .setExitCode(137)
                            .setReason("OOMKilled")
                            .setMessage("out of memory")
                            .setImage(Cri.ImageSpec.newBuilder().setImage("busybox"))
                            .setImageRef("sha256:0123")
                            .setLogPath("/var/log/pods/app/3.log")
                            .putAllLabels(labels)
                            .putAllAnnotations(annotations)
                            .addMounts(Cri.Mount.newBuilder()
                                    .setContainerPath("/etc/hosts")
                                    .setHostPath("/x")))
                    .putInfo("info", "{\"pid\": 17}");
            var sandboxStatus = Cri.PodSandboxStatusResponse.newBuilder()
                    .setStatus(Cri.PodSandboxStatus.newBuilder()
                            .setId("s")
                            .setMetadata(sandbox.getMetadata())
                            .setCreatedAt(1_700_000_000_000_000_000L)
                            .setNetwork(Cri.PodSandboxNetworkStatus.newBuilder()
                                    .setIp("10.1.2.3")
                                    .addAdditionalIps(Cri.PodIP.newBuilder().setIp("fd00::3")))
                            .putAllLabels(labels)
                            .putAllAnnotations(annotations));
            var sandboxes = Cri.ListPodSandboxResponse.newBuilder().addItems(sandbox);
            var containers = Cri.ListContainersResponse.newBuilder().addContainers(container);
            List<byte[]> seeds = new ArrayList<>();
            seeds.add(input(0, sandboxes, sandboxStatus, containers, status));
            seeds.add(input(1, sandboxes));
            seeds.add(input(2, containers));
            seeds.add(input(3, status));
            seeds.add(input(4, sandboxStatus));
            seeds.add(input(
                    5,
                    Cri.ExecSyncResponse.newBuilder()
                            .setStdout(ByteString.copyFromUtf8("out"))
                            .setStderr(ByteString.copyFromUtf8("err"))
                            .setExitCode(1)));
            seeds.add(input(
                    6,
                    Cri.VersionResponse.newBuilder()
                            .setVersion("0.1.0")
                            .setRuntimeName("containerd")
                            .setRuntimeVersion("v2.1.0")
                            .setRuntimeApiVersion("v1")));
            seeds.add(input(
                    14,
                    Cri.ListImagesResponse.newBuilder()
                            .addImages(Cri.Image.newBuilder()
                                    .setId("sha256:0123")
                                    .addRepoTags("docker.io/library/busybox:1")
                                    .setSize(4096)
                                    .setUsername("app"))));
            seeds.add(input(18, Cri.ExecResponse.newBuilder().setUrl("http://127.0.0.1:1/exec/x")));
            seeds.add(input(20, Cri.ContainerEventResponse.newBuilder().setContainerId("c")));
            for (byte[] message : List.of(sandboxes.build().toByteArray(), new byte[0])) {
                ByteArrayOutputStream raw = new ByteArrayOutputStream();
                raw.write(RAW | 1);
                raw.write(FakeRuntime.settings());
                raw.write(FakeRuntime.response(1, message));
                seeds.add(raw.toByteArray());
            }
            return seeds;
        }

        private static byte[] input(int call, MessageLite.Builder... answers) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(call);
            for (int i = 0; i < answers.length; i++) {
                if (i > 0) {
                    out.write(SEPARATOR);
                }
                out.write(answers[i].build().toByteArray());
            }
            return out.toByteArray();
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
            Files.deleteIfExists(directory.resolve("socket"));
            Files.delete(directory);
        }
    }
}
