/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.jubelet.cri.Containerd;
import io.jubelet.cri.CriException;
import io.jubelet.cri.proto.ContainerdContainers;
import io.jubelet.cri.proto.ContainerdContent;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the services of containerd with a server that sends more than a real one would. */
@Timeout(60)
class GrpcContainerdTest {
    @TempDir
    Path directory;

    private UnixSocketServer server;
    private CriConnection connection;
    private Containerd containerd;

    @BeforeEach
    void startServer() throws Exception {
        Path socket = directory.resolve("containerd.sock");
        server = new UnixSocketServer(socket)
                .containerdStreaming(
                        "content.v1.Content",
                        "List",
                        ContainerdContent.ListContentRequest.getDefaultInstance(),
                        ContainerdContent.ListContentResponse.getDefaultInstance(),
                        GrpcContainerdTest::blobs)
                .containerdStreaming(
                        "content.v1.Content",
                        "Read",
                        ContainerdContent.ReadContentRequest.getDefaultInstance(),
                        ContainerdContent.ReadContentResponse.getDefaultInstance(),
                        GrpcContainerdTest::read)
                .containerdStreaming(
                        "containers.v1.Containers",
                        "ListStream",
                        ContainerdContainers.ListContainersRequest.getDefaultInstance(),
                        ContainerdContainers.ListContainerMessage.getDefaultInstance(),
                        GrpcContainerdTest::containers)
                .start();
        connection = CriConnection.open(socket.toString());
        containerd = connection.containerd();
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        server.close();
    }

    /** Sends as many blobs as the label of the filter says, with two labels each. */
    private static void blobs(
            ContainerdContent.ListContentRequest request,
            StreamObserver<ContainerdContent.ListContentResponse> answer) {
        int count = Integer.parseInt(request.getFilters(0).replaceAll("\\D", ""));
        for (int i = 0; i < count; i++) {
            answer.onNext(ContainerdContent.ListContentResponse.newBuilder()
                    .addInfo(ContainerdContent.Info.newBuilder()
                            .setDigest("sha256:" + i)
                            .putLabels("a", "1")
                            .putLabels("b", "2"))
                    .build());
        }
        answer.onCompleted();
    }

    /** Ignores the requested size, and sends two parts of it. */
    private static void read(
            ContainerdContent.ReadContentRequest request,
            StreamObserver<ContainerdContent.ReadContentResponse> answer) {
        for (int part = 1; part <= 2; part++) {
            byte[] bytes = new byte[(int) request.getSize() - 1];
            bytes[0] = (byte) part;
            answer.onNext(ContainerdContent.ReadContentResponse.newBuilder()
                    .setData(ByteString.copyFrom(bytes))
                    .build());
        }
        answer.onCompleted();
    }

    private static void containers(
            ContainerdContainers.ListContainersRequest request,
            StreamObserver<ContainerdContainers.ListContainerMessage> answer) {
        for (String image : List.of("docker.io/library/a:1", "docker.io/library/b:2")) {
            answer.onNext(ContainerdContainers.ListContainerMessage.newBuilder()
                    .setContainer(ContainerdContainers.Container.newBuilder().setImage(image))
                    .build());
        }
        answer.onCompleted();
    }

    @Test
    void limitsLabelsOfBlobs() {
        int most = GrpcContainerd.MAX_LABELS / 2;
        List<Containerd.Blob> blobs = containerd.blobs("label" + most);
        assertEquals(most, blobs.size());
        assertEquals("sha256:7", blobs.get(7).digest());
        CriException.Rejected e =
                assertThrows(CriException.Rejected.class, () -> containerd.blobs("label" + (most + 1)));
        assertEquals("RESOURCE_EXHAUSTED", e.code());
        assertTrue(String.valueOf(e.getMessage()).endsWith("have more than 20000 labels"), e.getMessage());
    }

    @Test
    void readsNoMoreThanRequested() {
        byte[] read = containerd.readContent("sha256:x", 100);
        byte[] expected = new byte[100];
        expected[0] = 1;
        expected[99] = 2;
        assertArrayEquals(expected, read);
    }

    @Test
    void listsImagesOfContainers() {
        assertEquals(List.of("docker.io/library/a:1", "docker.io/library/b:2"), containerd.containerImages());
    }
}
