/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.jubelet.cri.ContainerEventResponse;
import io.jubelet.cri.ContainerEventType;
import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.RuntimeEvent;
import io.jubelet.cri.proto.Cri;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the connection with a server that can stop, hang and reject calls. */
@Timeout(60)
class CriConnectionTest {
    private static final Duration SHORT = Duration.ofMillis(200);

    @TempDir
    Path directory;

    /**
     * Version responds, Status hangs, ListPodSandbox fails as the test requires, and the test sends
     * events.
     */
    private final AtomicReference<Status> listStatus = new AtomicReference<>(Status.UNKNOWN);

    private final BlockingQueue<StreamObserver<Cri.ContainerEventResponse>> eventStreams = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> hanging = new LinkedBlockingQueue<>();
    private Path socket;
    private UnixSocketServer server;
    private CriConnection connection;

    @BeforeEach
    void startServer() throws Exception {
        socket = directory.resolve("cri.sock");
        server = new UnixSocketServer(socket)
                .unary(
                        "Version",
                        Cri.VersionRequest.getDefaultInstance(),
                        Cri.VersionResponse.getDefaultInstance(),
                        (request, answer) -> {
                            answer.onNext(Cri.VersionResponse.newBuilder()
                                    .setRuntimeName("test")
                                    .setVersion(request.getVersion())
                                    .build());
                            answer.onCompleted();
                        })
                .unary(
                        "Status",
                        Cri.StatusRequest.getDefaultInstance(),
                        Cri.StatusResponse.getDefaultInstance(),
                        (_, _) -> hanging.add("Status"))
                .unary(
                        "ListPodSandbox",
                        Cri.ListPodSandboxRequest.getDefaultInstance(),
                        Cri.ListPodSandboxResponse.getDefaultInstance(),
                        (_, answer) -> answer.onError(listStatus.get().asRuntimeException()))
                .streaming(
                        "StreamPodSandboxes",
                        Cri.StreamPodSandboxesRequest.getDefaultInstance(),
                        Cri.StreamPodSandboxesResponse.getDefaultInstance(),
                        (_, answer) -> {
                            for (int part = 0; part < 200; part++) {
                                answer.onNext(Cri.StreamPodSandboxesResponse.newBuilder()
                                        .addPodSandboxes(
                                                Cri.PodSandbox.newBuilder().setId("a" + part))
                                        .addPodSandboxes(
                                                Cri.PodSandbox.newBuilder().setId("b" + part))
                                        .build());
                            }
                            answer.onCompleted();
                        })
                .streaming(
                        "GetContainerEvents",
                        Cri.GetEventsRequest.getDefaultInstance(),
                        Cri.ContainerEventResponse.getDefaultInstance(),
                        (_, answer) -> eventStreams.add(answer))
                .start();
        connection = CriConnection.open("unix://" + socket);
    }

    @AfterEach
    void stopServer() throws Exception {
        connection.close();
        server.close();
    }

    @Test
    void rejectsEndpointsThatAreNotUnixSockets() {
        var e = assertThrows(IllegalArgumentException.class, () -> CriConnection.open("tcp://localhost:1"));
        assertTrue(e.toString().contains("tcp://localhost:1"), e.toString());
        assertThrows(IllegalArgumentException.class, () -> CriConnection.open("run/containerd.sock"));
        assertThrows(IllegalArgumentException.class, () -> CriConnection.open(""));
    }

    @Test
    void acceptsPlainPath() {
        try (CriConnection other = CriConnection.open(socket.toString())) {
            assertEquals("test", other.runtimeService().version().runtimeName());
        }
    }

    @Test
    void failsFastWithoutSocketAndRecoversWithTheNextCall() throws Exception {
        assertEquals("test", connection.runtimeService().version().runtimeName());
        for (int round = 0; round < 3; round++) {
            server.stop();
            for (int call = 0; call < 3; call++) {
                // It fails before its deadline, which is minutes away.
                var e = assertThrows(
                        CriException.Unavailable.class,
                        () -> connection.runtimeService().version());
                assertEquals("Version", e.operation());
            }
            server.start();
            assertEquals("test", connection.runtimeService().version().runtimeName());
        }
    }

    @Test
    void reportsWhyItCannotConnect() {
        try (CriConnection nowhere =
                CriConnection.open(directory.resolve("none.sock").toString())) {
            var e = assertThrows(
                    CriException.Unavailable.class,
                    () -> nowhere.runtimeService().version());
            assertTrue(e.toString().contains("No such file or directory"), e.toString());
            assertTrue(e.toString().contains("none.sock"), e.toString());
        }
    }

    @Test
    void failsCallsInFlightWhenRuntimeStops() throws Exception {
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        Thread caller = Thread.ofVirtual().start(() -> failure.set(statusFailure(connection)));
        hanging.take();
        server.stop();
        caller.join();
        assertInstanceOf(CriException.class, failure.get());
        server.start();
        assertEquals("test", connection.runtimeService().version().runtimeName());
    }

    @Test
    void detectsConnectionThatBreaksWithoutGoAway() throws Exception {
        Path cut = directory.resolve("cut.sock");
        try (UnixSocketProxy proxy = new UnixSocketProxy(cut, socket);
                CriConnection behind = CriConnection.open(cut.toString())) {
            AtomicReference<RuntimeException> failure = new AtomicReference<>();
            Thread caller = Thread.ofVirtual().start(() -> failure.set(statusFailure(behind)));
            hanging.take();
            EventStream<ContainerEventResponse> stream = behind.runtimeService().containerEvents();
            eventStreams.take();
            proxy.cut();
            caller.join();
            assertInstanceOf(CriException.Unavailable.class, failure.get());
            assertThrows(CriException.Unavailable.class, stream::next);
            assertEquals("test", behind.runtimeService().version().runtimeName());
        }
    }

    @Test
    void failsAtDeadline() {
        CallTimeouts timeouts = new CallTimeouts(SHORT, SHORT);
        try (CriConnection hasty = CriConnection.open(socket, timeouts)) {
            var e = assertInstanceOf(CriException.DeadlineExceeded.class, statusFailure(hasty));
            assertEquals("Status: no response within 0.2 s", e.getMessage());
        }
    }

    @Test
    void cancelsCallOfInterruptedThread() throws Exception {
        for (Thread.Builder builder : List.of(Thread.ofVirtual(), Thread.ofPlatform())) {
            AtomicReference<RuntimeException> failure = new AtomicReference<>();
            AtomicBoolean flag = new AtomicBoolean();
            Thread caller = builder.start(() -> {
                failure.set(statusFailure(connection));
                flag.set(Thread.currentThread().isInterrupted());
            });
            hanging.take();
            caller.interrupt();
            caller.join();
            assertInstanceOf(CriException.Cancelled.class, failure.get());
            assertTrue(flag.get(), "the interrupt flag is set again");
        }
    }

    @Test
    void makesNoCallOnInterruptedThread() {
        Thread.currentThread().interrupt();
        assertThrows(
                CriException.Cancelled.class, () -> connection.runtimeService().version());
        assertTrue(Thread.interrupted());
    }

    @Test
    void doesNotPinCarriersWhileWaiting() throws Exception {
        int many = 4 * Runtime.getRuntime().availableProcessors();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            callers.add(Thread.ofVirtual().start(() -> statusFailure(connection)));
        }
        for (int i = 0; i < many; i++) {
            hanging.take();
        }
        CountDownLatch answered = new CountDownLatch(1);
        Thread.ofVirtual().start(() -> {
            connection.runtimeService().version();
            answered.countDown();
        });
        assertTrue(answered.await(60, TimeUnit.SECONDS), "another virtual thread gets its turn");
        callers.forEach(Thread::interrupt);
        for (Thread caller : callers) {
            caller.join();
        }
    }

    @Test
    void mapsStatusesToExceptions() {
        assertInstanceOf(CriException.NotFound.class, listFailure(Status.NOT_FOUND));
        assertInstanceOf(CriException.AlreadyExists.class, listFailure(Status.ALREADY_EXISTS));
        assertInstanceOf(CriException.Unavailable.class, listFailure(Status.UNAVAILABLE));
        assertInstanceOf(CriException.Unimplemented.class, listFailure(Status.UNIMPLEMENTED));
        assertInstanceOf(CriException.DeadlineExceeded.class, listFailure(Status.DEADLINE_EXCEEDED));
        assertInstanceOf(CriException.Failed.class, listFailure(Status.UNKNOWN));
        assertInstanceOf(
                CriException.Unavailable.class,
                listFailure(Status.UNKNOWN.withDescription("server is not initialized yet")));
        assertInstanceOf(CriException.Failed.class, listFailure(Status.INTERNAL));
        assertInstanceOf(CriException.Failed.class, listFailure(Status.CANCELLED));
        var rejected = assertInstanceOf(CriException.Rejected.class, listFailure(Status.INVALID_ARGUMENT));
        assertEquals("INVALID_ARGUMENT", rejected.code());
        var reserved = listFailure(Status.UNKNOWN.withDescription("name \"x\" is reserved for \"y\""));
        assertInstanceOf(CriException.AlreadyExists.class, reserved);
        assertEquals("ListPodSandbox: name \"x\" is reserved for \"y\"", reserved.getMessage());
    }

    @Test
    void readsListsInSeveralMessages() {
        List<PodSandboxId> ids = new ArrayList<>();
        connection.runtimeService().streamPodSandboxes(PodSandboxFilter.all(), sandbox -> ids.add(sandbox.id()));
        assertEquals(400, ids.size());
        assertEquals(new PodSandboxId("b199"), ids.getLast());
        assertThrows(
                CriException.Unimplemented.class,
                () -> connection.imageService().streamImages(_ -> {}));
    }

    @Test
    void readsEventsUntilRuntimeStops() throws Exception {
        try (EventStream<ContainerEventResponse> stream =
                connection.runtimeService().containerEvents()) {
            StreamObserver<Cri.ContainerEventResponse> sender = eventStreams.take();
            for (int i = 0; i < 300; i++) {
                sender.onNext(event("c" + i));
            }
            for (int i = 0; i < 300; i++) {
                ContainerEventResponse event = stream.next();
                assertEquals("c" + i, event.containerId().value());
                assertEquals(ContainerEventType.STOPPED, event.containerEventType());
            }
            assertNull(stream.poll(Duration.ofMillis(10)));
            server.stop();
            assertThrows(CriException.Unavailable.class, stream::next);
            assertThrows(CriException.Unavailable.class, stream::next);
        }
        server.start();
        try (EventStream<ContainerEventResponse> stream =
                connection.runtimeService().containerEvents()) {
            eventStreams.take().onNext(event("again"));
            assertEquals("again", stream.next().containerId().value());
        }
    }

    @Test
    void endsStreamFromBothSides() throws Exception {
        try (EventStream<ContainerEventResponse> stream =
                connection.runtimeService().containerEvents()) {
            eventStreams.take().onCompleted();
            assertThrows(CriException.Unavailable.class, stream::next);
        }
        EventStream<ContainerEventResponse> stream = connection.runtimeService().containerEvents();
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        Thread reader = Thread.ofVirtual().start(() -> failure.set(assertThrows(CriException.class, stream::next)));
        eventStreams.take();
        stream.close();
        stream.close();
        reader.join();
        assertInstanceOf(CriException.Cancelled.class, failure.get());
    }

    @Test
    void wakesInterruptedReader() throws Exception {
        try (EventStream<ContainerEventResponse> stream =
                connection.runtimeService().containerEvents()) {
            AtomicReference<RuntimeException> failure = new AtomicReference<>();
            Thread reader = Thread.ofVirtual().start(() -> failure.set(assertThrows(CriException.class, stream::next)));
            reader.interrupt();
            reader.join();
            assertInstanceOf(CriException.Cancelled.class, failure.get());
        }
    }

    @Test
    void prefersEventsOfTheCri() throws Exception {
        try (EventStream<RuntimeEvent> stream = connection.events().open().orElseThrow()) {
            eventStreams.take().onNext(event("c"));
            RuntimeEvent event = stream.next();
            assertEquals(RuntimeEvent.Kind.STOPPED, event.kind());
            assertEquals("c", event.id());
            assertEquals(new PodSandboxId("s"), event.podSandboxId());
            assertEquals("u", event.podUid());
            assertEquals(Instant.ofEpochSecond(0, 5), event.time());
        }
    }

    private CriException listFailure(Status status) {
        listStatus.set(status);
        return assertThrows(
                CriException.class, () -> connection.runtimeService().listPodSandboxes(PodSandboxFilter.all()));
    }

    private static CriException statusFailure(CriConnection connection) {
        return assertThrows(
                CriException.class, () -> connection.runtimeService().status(false));
    }

    private static Cri.ContainerEventResponse event(String container) {
        return Cri.ContainerEventResponse.newBuilder()
                .setContainerId(container)
                .setContainerEventType(Cri.ContainerEventType.CONTAINER_STOPPED_EVENT)
                .setCreatedAt(5)
                .setPodSandboxStatus(Cri.PodSandboxStatus.newBuilder()
                        .setId("s")
                        .setMetadata(Cri.PodSandboxMetadata.newBuilder().setUid("u")))
                .build();
    }
}
