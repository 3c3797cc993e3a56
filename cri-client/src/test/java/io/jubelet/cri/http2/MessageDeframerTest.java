/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.http2.GrpcStatus.Code;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MessageDeframerTest {
    private static final MessageLimit LIMIT = MessageLimit.ofMessage(16 << 20);

    private final MessageDeframer messages = new MessageDeframer(LIMIT);
    private final RecordedCall call = new RecordedCall();

    private @Nullable GrpcStatus read(byte... bytes) {
        return messages.read(Unpooled.wrappedBuffer(bytes), call);
    }

    @Test
    void assemblesMessagesFromPiecesOfEverySize() {
        byte[] first = {1, 2, 3, 4, 5, 6, 7};
        byte[] all =
                ScriptedServer.join(Request.framed(first), Request.framed(new byte[0]), Request.framed(new byte[300]));
        for (int size = 1; size <= all.length; size++) {
            for (int at = 0; at < all.length; at += size) {
                int bytes = Math.min(size, all.length - at);
                assertNull(messages.read(Unpooled.wrappedBuffer(all, at, bytes), call));
                assertEquals(at + bytes < all.length, messages.isIncomplete() || call.messages.size() < 3);
            }
            assertEquals(3, call.messages.size(), "in pieces of " + size);
            assertArrayEquals(first, call.messages.remove());
            assertEquals(0, call.messages.remove().length);
            assertArrayEquals(new byte[300], call.messages.remove());
        }
    }

    @Test
    void countsMissingBytes() {
        assertFalse(messages.isIncomplete());
        assertNull(read((byte) 0, (byte) 0, (byte) 0, (byte) 1));
        assertTrue(messages.isIncomplete());
        assertEquals(0, messages.missingBytes());
        assertNull(read((byte) 2, (byte) 0));
        assertEquals(257, messages.missingBytes());
    }

    @Test
    void rejectsCompressedMessage() {
        assertEquals(
                Code.INTERNAL,
                requireNonNull(read((byte) 1, (byte) 0, (byte) 0, (byte) 0, (byte) 0))
                        .code());
        assertEquals(0, call.messages.size());
    }

    @Test
    void rejectsTooLongMessage() {
        GrpcStatus wrong = requireNonNull(read((byte) 0, (byte) 1, (byte) 0, (byte) 0, (byte) 1));
        assertEquals(Code.RESOURCE_EXHAUSTED, wrong.code());
        assertTrue(wrong.message().contains("16777217 bytes"), wrong.message());
        assertEquals(
                Code.RESOURCE_EXHAUSTED,
                requireNonNull(new MessageDeframer(LIMIT)
                                .read(Unpooled.wrappedBuffer(new byte[] {0, -1, -1, -1, -1}), call))
                        .code());
        assertNull(new MessageDeframer(LIMIT).read(Unpooled.wrappedBuffer(new byte[] {0, 1, 0, 0, 0}), call));
    }

    @Test
    void allocatesForWhatArrives() {
        byte[] first = {0, 1, 0, 0, 0, 42};
        long allocated = AllocatedBytes.during(() -> assertNull(read(first)));
        assertEquals((16 << 20) - 1, messages.missingBytes());
        assertTrue(allocated < 4 * GrowingBytes.FIRST_ARRAY, "allocated " + allocated);
        byte[] block = new byte[1000];
        allocated = AllocatedBytes.during(() -> {
            for (int i = 0; i < 1000; i++) {
                assertNull(read(block));
            }
        });
        assertTrue(allocated < 4 << 20, "allocated " + allocated + " for a million bytes");
    }

    @Test
    void limitsEachCallByItself() {
        MessageDeframer small = new MessageDeframer(MessageLimit.ofMessage(3));
        assertNull(small.read(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 0, 3, 7, 8, 9}), call));
        assertArrayEquals(new byte[] {7, 8, 9}, call.messages.remove());
        GrpcStatus wrong = requireNonNull(small.read(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 0, 4}), call));
        assertEquals(Code.RESOURCE_EXHAUSTED, wrong.code());
        assertEquals("a message of 4 bytes exceeds the maximum of 3 bytes", wrong.message());
    }
}
