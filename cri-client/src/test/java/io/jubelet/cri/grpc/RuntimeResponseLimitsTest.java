/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ExecResult;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.proto.Cri;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests which calls accept how large a response. */
@Timeout(60)
class RuntimeResponseLimitsTest {
    private static final int OBJECT = 4 << 20;
    private static final int LIST = 16 << 20;

    @TempDir
    Path directory;

    /** The size of the next response; of the output in the response of a command. */
    private final AtomicInteger size = new AtomicInteger();

    private UnixSocketServer server;
    private CriConnection connection;
    private RuntimeService runtime;

    @BeforeEach
    void startServer() throws Exception {
        Path socket = directory.resolve("cri.sock");
        server = new UnixSocketServer(socket)
                .unary(
                        "Version",
                        Cri.VersionRequest.getDefaultInstance(),
                        Cri.VersionResponse.getDefaultInstance(),
                        (_, answer) -> send(answer, version(size.get())))
                .unary(
                        "ListContainers",
                        Cri.ListContainersRequest.getDefaultInstance(),
                        Cri.ListContainersResponse.getDefaultInstance(),
                        (_, answer) -> send(answer, containers(size.get())))
                .unary(
                        "ExecSync",
                        Cri.ExecSyncRequest.getDefaultInstance(),
                        Cri.ExecSyncResponse.getDefaultInstance(),
                        (_, answer) -> send(
                                answer,
                                Cri.ExecSyncResponse.newBuilder()
                                        .setStdout(output('o'))
                                        .setStderr(output('e'))
                                        .setExitCode(7)
                                        .build()))
                .start();
        connection = CriConnection.open(socket.toString());
        runtime = connection.runtimeService();
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        server.close();
    }

    private static <A> void send(StreamObserver<A> answer, A message) {
        answer.onNext(message);
        answer.onCompleted();
    }

    private static Cri.VersionResponse version(int bytes) {
        int tagAndLength = 1 + 4;
        return Cri.VersionResponse.newBuilder()
                .setRuntimeName("v".repeat(bytes - tagAndLength))
                .build();
    }

    /** Two containers; the second has a long annotation that makes up for the rest. */
    private static Cri.ListContainersResponse containers(int bytes) {
        Cri.Container first =
                Cri.Container.newBuilder().setId("first").setPodSandboxId("s").build();
        int annotation = bytes - 100;
        while (true) {
            Cri.ListContainersResponse list = Cri.ListContainersResponse.newBuilder()
                    .addContainers(first)
                    .addContainers(first.toBuilder().setId("second").putAnnotations("a", "x".repeat(annotation)))
                    .build();
            if (list.getSerializedSize() == bytes) {
                return list;
            }
            annotation += bytes - list.getSerializedSize();
        }
    }

    private ByteString output(char content) {
        byte[] bytes = new byte[size.get()];
        Arrays.fill(bytes, (byte) content);
        return ByteString.copyFrom(bytes);
    }

    @Test
    void limitsResponseAboutOneObject() {
        size.set(OBJECT);
        assertEquals('v', runtime.version().runtimeName().charAt(0));
        size.set(OBJECT + 1);
        CriException.Rejected e = assertThrows(CriException.Rejected.class, runtime::version);
        assertEquals("RESOURCE_EXHAUSTED", e.code());
        assertEquals("Version: a message of 4194305 bytes exceeds the maximum of 4194304 bytes", e.getMessage());
    }

    @Test
    void limitsLists() {
        size.set(LIST);
        List<Container> all = runtime.listContainers(ContainerFilter.all());
        assertEquals(
                List.of("first", "second"),
                all.stream().map(c -> c.id().value()).toList());
        size.set(LIST + 1);
        CriException.Rejected e =
                assertThrows(CriException.Rejected.class, () -> runtime.listContainers(ContainerFilter.all()));
        assertEquals(
                "ListContainers: a message of 16777217 bytes exceeds the maximum of 16777216 bytes", e.getMessage());
    }

    @Test
    void cutsOutputOfCommands() {
        for (int bytes : new int[] {0, ExecResult.MAX_OUTPUT_BYTES, ExecResult.MAX_OUTPUT_BYTES + 1, 30_000_000}) {
            size.set(bytes);
            ExecResult result = runtime.execSync(new ContainerId("c"), List.of("x"), Duration.ofSeconds(30));
            int kept = Math.min(bytes, ExecResult.MAX_OUTPUT_BYTES);
            assertArrayEquals(Arrays.copyOf(output('o').toByteArray(), kept), result.stdout());
            assertArrayEquals(Arrays.copyOf(output('e').toByteArray(), kept), result.stderr());
            assertEquals(7, result.exitCode());
        }
    }
}
