/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.CodedOutputStream;
import io.jubelet.cri.http2.GrpcStatus.Code;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests messages whose fields are cut while they arrive. */
class FieldCutterTest {
    private static final int FIELD = 1000;
    private static final int TOTAL = 3000;

    private final MessageDeframer messages = new MessageDeframer(MessageLimit.ofFields(FIELD, TOTAL));
    private final RecordedCall call = new RecordedCall();

    private interface Content {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        content.write(out);
        out.flush();
        return bytes.toByteArray();
    }

    private static byte[] text(int length, char first) {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) (first + i % 26);
        }
        return text;
    }

    private @Nullable GrpcStatus read(byte... bytes) {
        return messages.read(Unpooled.wrappedBuffer(bytes), call);
    }

    private void assertMalformed(byte... message) {
        MessageDeframer deframer = new MessageDeframer(MessageLimit.ofFields(FIELD, TOTAL));
        GrpcStatus status = requireNonNull(deframer.read(Unpooled.wrappedBuffer(Request.framed(message)), call));
        assertEquals(Code.INTERNAL, status.code());
        assertTrue(status.message().startsWith("the server sent a malformed message: "), status.message());
    }

    @Test
    void cutsFieldsBeyondTheLimit() throws Exception {
        for (int length : new int[] {0, 1, 127, 128, FIELD - 1, FIELD, FIELD + 1, 100_000}) {
            byte[] out = text(length, 'a');
            byte[] err = text(length, 'A');
            assertNull(read(Request.framed(message(to -> {
                to.writeByteArray(1, out);
                to.writeByteArray(2, err);
                to.writeInt32(3, 137);
            }))));
            int kept = Math.min(length, FIELD);
            assertArrayEquals(
                    message(to -> {
                        to.writeByteArray(1, Arrays.copyOf(out, kept));
                        to.writeByteArray(2, Arrays.copyOf(err, kept));
                        to.writeInt32(3, 137);
                    }),
                    call.messages.remove());
        }
    }

    @Test
    void readsPiecesOfEverySize() throws Exception {
        Content all = to -> {
            to.writeInt64(200, Long.MIN_VALUE);
            to.writeFixed32(3, 5);
            to.writeByteArray(70_000, text(40, 'a'));
            to.writeDouble(4, 6.5);
            to.writeBool(5, true);
        };
        byte[] framed = Request.framed(message(all));
        for (int size = 1; size <= framed.length; size++) {
            for (int at = 0; at < framed.length; at += size) {
                assertNull(read(Arrays.copyOfRange(framed, at, Math.min(at + size, framed.length))));
            }
            assertArrayEquals(message(all), call.messages.remove(), "in pieces of " + size);
        }
    }

    @Test
    void skipsHundredsOfMegabytesWithoutKeepingThem() {
        int length = 300_000_000;
        ByteBuf block = Unpooled.wrappedBuffer(new byte[1 << 16]);
        byte[] head = {
            0x0a,
            (byte) (length | 0x80),
            (byte) (length >> 7 | 0x80),
            (byte) (length >> 14 | 0x80),
            (byte) (length >> 21 | 0x80),
            (byte) (length >> 28)
        };
        long total = length + (long) head.length;
        byte[] prefix = {0, (byte) (total >> 24), (byte) (total >> 16), (byte) (total >> 8), (byte) total};
        long allocated = AllocatedBytes.during(() -> {
            assertNull(read(prefix));
            assertNull(read(head));
            for (int left = length; left > 0; ) {
                int bytes = Math.min(left, block.capacity());
                assertNull(messages.read(block.setIndex(0, bytes), call));
                left -= bytes;
            }
        });
        assertEquals(3 + FIELD, call.messages.remove().length);
        assertTrue(allocated < 1 << 20, "allocated " + allocated);
    }

    @Test
    void limitsWhatIsKeptOfManyFields() throws Exception {
        byte[] most = message(to -> {
            for (int i = 0; i < TOTAL / 2; i++) {
                to.writeInt32(3, 1);
            }
        });
        assertEquals(TOTAL, most.length);
        assertNull(read(Request.framed(most)));
        assertArrayEquals(most, call.messages.remove());
        GrpcStatus status = requireNonNull(read(Request.framed(Arrays.copyOf(most, TOTAL + 100_000))));
        assertEquals(Code.RESOURCE_EXHAUSTED, status.code());
        assertTrue(status.message().contains("3000 bytes"), status.message());
    }

    @Test
    void rejectsMalformedMessages() {
        assertMalformed((byte) 0x0a); // no length
        assertMalformed((byte) 0x80); // half a tag
        assertMalformed((byte) 0x08); // no value
        assertMalformed((byte) 0x0d, (byte) 1, (byte) 2, (byte) 3); // three of four bytes
        assertMalformed((byte) 0x0a, (byte) 2, (byte) 'x'); // less than the length
        assertMalformed((byte) 0x0b); // a group
        assertMalformed((byte) 0x0e); // no wire type
        assertMalformed((byte) 0x0a, (byte) -1, (byte) -1, (byte) -1, (byte) -1, (byte) 0x0f); // 4 GiB
        byte[] endless = new byte[11];
        Arrays.fill(endless, (byte) -1);
        assertMalformed(endless);
    }

    @Test
    void survivesAnyBytes() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            MessageDeframer deframer = new MessageDeframer(MessageLimit.ofFields(4, 40));
            GrpcStatus status = deframer.read(Unpooled.wrappedBuffer(Request.framed(bytes)), call);
            byte[] kept = call.messages.poll();
            assertEquals(status == null, kept != null);
            assertTrue(kept == null || kept.length <= 40);
        }
    }
}
