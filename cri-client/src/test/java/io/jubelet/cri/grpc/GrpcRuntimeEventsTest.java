/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.RuntimeEvent;
import io.jubelet.cri.proto.ContainerdEvents;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests event hints of runtimes without the events of the CRI. */
@Timeout(60)
class GrpcRuntimeEventsTest {
    @TempDir
    Path directory;

    @Test
    void fallsBackToEventsOfContainerd() throws Exception {
        Path other = directory.resolve("old.sock");
        try (UnixSocketServer old = new UnixSocketServer(other)
                .containerdStreaming(
                        "events.v1.Events",
                        "Subscribe",
                        ContainerdEvents.SubscribeRequest.getDefaultInstance(),
                        ContainerdEvents.Envelope.getDefaultInstance(),
                        (_, answer) -> {
                            answer.onNext(envelope("default", "/tasks/exit", "foreign", "foreign"));
                            answer.onNext(envelope("k8s.io", "/tasks/exit", "c", "exec-1"));
                            answer.onNext(envelope("k8s.io", "/tasks/oom", "c", ""));
                            answer.onNext(envelope("k8s.io", "/tasks/exit", "c", "c"));
                        })
                .start()) {
            try (CriConnection toOld = CriConnection.open(other.toString());
                    EventStream<RuntimeEvent> stream = toOld.events().open().orElseThrow()) {
                assertEquals(new RuntimeEvent(RuntimeEvent.Kind.OOM, "c", null, null, Instant.EPOCH), stream.next());
                assertEquals(
                        new RuntimeEvent(RuntimeEvent.Kind.STOPPED, "c", null, null, Instant.EPOCH), stream.next());
            }
            assertTrue(old.isRunning());
        }
    }

    @Test
    void returnsEmptyWithoutEvents() throws Exception {
        Path other = directory.resolve("bare.sock");
        try (UnixSocketServer bare = new UnixSocketServer(other).start();
                CriConnection toBare = CriConnection.open(other.toString())) {
            assertTrue(bare.isRunning());
            assertTrue(toBare.events().open().isEmpty());
        }
        try (CriConnection nowhere =
                CriConnection.open(directory.resolve("none.sock").toString())) {
            assertThrows(CriException.Unavailable.class, () -> nowhere.events().open());
        }
    }

    private static ContainerdEvents.Envelope envelope(String namespace, String topic, String container, String id) {
        var exit = ContainerdEvents.TaskExit.newBuilder()
                .setContainerId(container)
                .setId(id)
                .build();
        return ContainerdEvents.Envelope.newBuilder()
                .setNamespace(namespace)
                .setTopic(topic)
                .setEvent(Any.newBuilder().setValue(exit.toByteString()))
                .build();
    }
}
