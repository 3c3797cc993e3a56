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
 * @param paced whether the server waits until the messages of its answer were {@linkplain Http2Stream#consumed consumed}
 *     before it sends many more; otherwise all are taken as they come
 */
public record Request(
        String path, byte[] message, Optional<Duration> timeout, Map<String, String> headers, boolean paced) {

    public Request {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(timeout, "timeout");
        headers = Map.copyOf(headers);
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("not a path: " + path);
        }
    }
}
