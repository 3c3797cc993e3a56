package io.jubelet.cri.http2;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A call with one message.
 *
 * @param path {@code /SERVICE/METHOD}
 * @param message encoded; not to be changed any more
 * @param timeout that the server is told, rounded to milliseconds; the caller keeps to it itself
 * @param headers beside those of gRPC, with names in lower case and values of printable ASCII
 * @param manualFlowControl whether the server waits until the messages of its answer were {@linkplain GrpcCall#consumed consumed}
 *     before it sends many more; otherwise all are taken as they come
 */
public record Request(
        String path,
        byte[] message,
        Optional<Duration> timeout,
        Map<String, String> headers,
        boolean manualFlowControl) {

    public Request {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(timeout, "timeout");
        headers = Map.copyOf(headers);
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("not a path: " + path);
        }
    }

    /** A message with its prefix. */
    static byte[] framed(byte[] message) {
        byte[] framed = new byte[MessageDeframer.PREFIX + message.length];
        for (int i = 0; i < 4; i++) {
            framed[1 + i] = (byte) (message.length >>> (24 - 8 * i));
        }
        System.arraycopy(message, 0, framed, MessageDeframer.PREFIX, message.length);
        return framed;
    }
}
