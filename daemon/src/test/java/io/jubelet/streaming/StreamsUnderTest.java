/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.jubelet.api.ApiServer;
import io.jubelet.api.ClusterSource;
import io.jubelet.api.Sources;
import io.jubelet.api.StatusStores;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The streams of the pod web on the local socket, with a simulated runtime and its streaming server behind them. */
abstract class StreamsUnderTest {

    static final String EXEC = "/exec/default/web/app?stdin=1&stdout=1&stderr=1";

    @TempDir
    Path directory;

    Path socket;
    SimulatedRuntime simulation;
    FakeStreamingServer streaming;
    ContainerId container;
    PodSandboxId sandbox;
    private ApiServer server;

    @BeforeEach
    void start() throws IOException {
        simulation = SimulatedRuntime.create(SimulatedClock.real());
        simulation.images().publishEverything();
        PodSandboxConfig pod = PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata("web", "uid", "default", 0))
                .build();
        sandbox = simulation.runtimeService().runPodSandbox(pod, "");
        ImageSpec image = ImageSpec.of("registry.local/web:1");
        simulation.imageService().pullImage(image, null, pod);
        container = simulation
                .runtimeService()
                .createContainer(
                        sandbox,
                        ContainerConfig.builder()
                                .metadata(new ContainerMetadata("app", 1))
                                .image(image)
                                .build(),
                        pod);
        simulation.runtimeService().startContainer(container);
        streaming = new FakeStreamingServer(simulation.streams());
        StreamEndpoints endpoints = new StreamEndpoints(StatusStores.sample(), runtime());
        socket = directory.resolve("s");
        server = new ApiServer(
                socket,
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(20),
                StatusStores.sample(),
                StatusStores.NODE,
                Optional::empty,
                new Sources(
                        _ -> List.of(),
                        (_, _, _) -> {},
                        ClusterSource.NONE,
                        Optional::empty,
                        Stream.of("exec", "attach", "portForward", "run")
                                .collect(Collectors.toMap(path -> path, _ -> endpoints))));
        server.bind();
        server.start();
    }

    /** The simulated runtime, by the IDs of the sample of statuses. */
    private RuntimeService runtime() {
        Map<Object, Object> ids = Map.of(new ContainerId("app-1"), container, new PodSandboxId("sandbox-web"), sandbox);
        RuntimeService simulated = simulation.runtimeService();
        return (RuntimeService) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {RuntimeService.class}, (_, method, arguments) -> {
                    Object[] known = arguments == null
                            ? new Object[0]
                            : Stream.of(arguments)
                                    .map(each -> ids.getOrDefault(each, each))
                                    .toArray();
                    try {
                        return method.invoke(simulated, known);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        streaming.close();
    }

    void stopServer() throws IOException {
        server.close();
    }

    static String command(String... words) {
        return Stream.of(words)
                .map(word -> "&command=" + URLEncoder.encode(word, StandardCharsets.UTF_8))
                .collect(Collectors.joining());
    }

    StreamClient v5(String target) throws IOException {
        return StreamClient.webSocket(socket, target, "v5.channel.k8s.io, v4.channel.k8s.io");
    }

    StreamClient spdy(String target) throws IOException {
        return StreamClient.ask(
                socket,
                "POST " + target + " HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nContent-Length: 0\r\n"
                        + "X-Stream-Protocol-Version: v4.channel.k8s.io\r\nX-Stream-Protocol-Version: channel.k8s.io\r\n"
                        + "Authorization: Bearer secret\r\nCookie: secret\r\n\r\n");
    }
}
