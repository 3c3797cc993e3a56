/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.document.FieldSelection;
import io.jubelet.document.JsonStream;
import io.jubelet.document.Node;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bodies of responses within limits of size and time, and keeps only the wanted fields.
 * Stateless.
 */
final class ResponseBodies {

    /** The timeout of a body, in addition to that of the headers. */
    private static final Duration BODY_TIMEOUT = Duration.ofSeconds(5);

    /** The timeout of a page of a list, whose objects can have 1.5 MiB each. */
    static final Duration PAGE_TIMEOUT = Duration.ofMinutes(1);

    /**
     * The largest object, in bytes. etcd stores at most 1.5 MiB, of which JSON can make six times
     * as much by escaping characters.
     */
    static final long MAX_OBJECT_BYTES = 16L << 20;

    /**
     * The largest list, in bytes, all pages together. It is read without being stored, so this
     * limits only the work.
     */
    static final long MAX_LIST_BYTES = 1L << 30;

    /** How much of the body of an error is read, in bytes. */
    private static final long MAX_ERROR_BYTES = 1L << 20;

    /** How much of the response to a readiness check is read, in bytes. It is a word. */
    private static final int MAX_READY_BYTES = 256;

    /** The largest number of wanted fields of one object; no object of this client has that many. */
    static final int MAX_KEPT_FIELDS = 4000;

    /** The longest text of the wanted fields of one object, in characters: many certificates. */
    static final int MAX_KEPT_CHARS = 128 << 10;

    /** The limits of one object. */
    static final JsonStream.Limits OBJECT = new JsonStream.Limits(MAX_OBJECT_BYTES, MAX_KEPT_FIELDS, MAX_KEPT_CHARS);

    private static final JsonStream.Limits ERROR =
            new JsonStream.Limits(MAX_ERROR_BYTES, MAX_KEPT_FIELDS, MAX_KEPT_CHARS);
    private static final FieldSelection STATUS =
            FieldSelection.NOTHING.with("reason").with("message");

    /** The code of the error of a list that is too large, which no API server sends for a list. */
    static final int TOO_LARGE = 413;

    /** After this time a list that is too large is read again; only a person can make it smaller. */
    private static final Duration RETRY_LARGE_LIST = Duration.ofMinutes(10);

    private ResponseBodies() {}

    /**
     * A page of a list, without its elements.
     *
     * @param bytes its size
     */
    record Page(ApiObject list, long bytes) {}

    @FunctionalInterface
    private interface Reading<T> {
        T from(InputStream body) throws IOException;
    }

    /**
     * Reads an object, or the v1 Status of an error.
     *
     * @throws KubeApiException.Unreachable when it is neither
     */
    static ApiObject object(HttpResponse<InputStream> response, FieldSelection wanted) throws IOException {
        requireNoRedirect(response);
        if (response.statusCode() >= 300) {
            return error(response);
        }
        return within(BODY_TIMEOUT, response, body -> {
            JsonStream stream = new JsonStream(body, OBJECT);
            try {
                ApiObject object = object(stream, stream.next(wanted));
                stream.requireEnd();
                return object;
            } catch (JsonStream.MalformedException | JsonStream.TooLargeException e) {
                throw noObject(stream, e.getMessage());
            }
        });
    }

    /**
     * Reads a page of a list, or the v1 Status of an error.
     *
     * @param wanted the wanted fields of the list and of its {@code items}
     * @param maxBytes the largest size
     * @param items called with each element; empty for one whose wanted fields exceed the limits
     * @throws KubeApiException.Unreachable when the body breaks off or does not come from an API
     *     server
     * @throws KubeApiException.ErrorStatus when the page is too large
     */
    static Page page(
            HttpResponse<InputStream> response,
            FieldSelection wanted,
            long maxBytes,
            Consumer<Optional<ApiObject>> items)
            throws IOException {
        requireNoRedirect(response);
        if (response.statusCode() >= 300) {
            return new Page(error(response), 0);
        }
        try {
            return within(PAGE_TIMEOUT, response, body -> {
                JsonStream stream =
                        new JsonStream(body, new JsonStream.Limits(maxBytes, MAX_KEPT_FIELDS, MAX_KEPT_CHARS));
                try {
                    ApiObject list = object(stream, stream.next(wanted, "items", item -> items.accept(mapping(item))));
                    stream.requireEnd();
                    return new Page(list, stream.bytes());
                } catch (JsonStream.MalformedException e) {
                    throw noObject(stream, e.getMessage());
                } catch (JsonStream.TooLargeException _) {
                    throw tooLarge("the list " + response.uri().getPath() + " is larger than " + (MAX_LIST_BYTES >> 20)
                            + " MiB");
                }
            });
        } catch (IOException e) {
            // Not repeated here, because elements have been passed on.
            throw Transport.unreachable(response.uri().resolve("/"), e);
        }
    }

    /** Returns the error of a list that is too large. */
    static KubeApiException.ErrorStatus tooLarge(String what) {
        return new KubeApiException.ErrorStatus(
                TOO_LARGE,
                "ListTooLarge",
                what + "; it is read again in " + RETRY_LARGE_LIST.toMinutes() + " minutes. Delete objects that are"
                        + " not needed",
                Optional.of(RETRY_LARGE_LIST));
    }

    /** Reads the v1 Status of an error; without fields if there is none, as from a proxy. */
    static ApiObject error(HttpResponse<InputStream> response) throws IOException {
        return within(BODY_TIMEOUT, response, body -> {
            try {
                JsonStream stream = new JsonStream(body, ERROR);
                Optional<JsonStream.Value> status = stream.next(STATUS);
                stream.requireEnd(); // so that the connection can be used again
                return status.flatMap(ResponseBodies::mapping).orElse(ApiObject.EMPTY);
            } catch (JsonStream.MalformedException | JsonStream.TooLargeException | EOFException _) {
                return ApiObject.EMPTY; // the code says enough
            }
        });
    }

    /** Reads the beginning of a text. */
    static String beginning(HttpResponse<InputStream> response) throws IOException {
        return within(
                BODY_TIMEOUT, response, body -> new String(body.readNBytes(MAX_READY_BYTES), StandardCharsets.UTF_8));
    }

    /**
     * Returns an object that was read.
     *
     * @throws KubeApiException.Unreachable when it is none, or when its wanted fields exceed the
     *     limits
     */
    private static ApiObject object(JsonStream stream, Optional<JsonStream.Value> read) {
        if (read.isEmpty()) {
            throw KubeApiException.Unreachable.badResponse("the response is not a Kubernetes object: it is empty");
        }
        if (read.get().node().isEmpty()) {
            throw KubeApiException.Unreachable.badResponse("the response has more than " + MAX_KEPT_FIELDS
                    + " fields or " + MAX_KEPT_CHARS + " characters in fields that have only some");
        }
        if (read.get().node().get() instanceof Node.Mapping mapping) {
            return new ApiObject(mapping);
        }
        throw noObject(stream, "it is no mapping");
    }

    private static Optional<ApiObject> mapping(JsonStream.Value value) {
        return value.node().orElse(null) instanceof Node.Mapping mapping
                ? Optional.of(new ApiObject(mapping))
                : Optional.empty();
    }

    /** Returns the failure of a stream that an API server does not send. */
    static KubeApiException.Unreachable noObject(JsonStream stream, @Nullable String why) {
        return KubeApiException.Unreachable.badResponse(
                "the response is not a Kubernetes object: " + stream.beginning() + " (" + why + ")");
    }

    private static void requireNoRedirect(HttpResponse<InputStream> response) throws IOException {
        if (response.statusCode() / 100 == 3) {
            response.body().close();
            throw KubeApiException.Unreachable.badResponse(
                    response.uri().resolve("/") + " is not an API server: it answered " + response.statusCode());
        }
    }

    private static <T> T within(Duration atMost, HttpResponse<InputStream> response, Reading<T> reading)
            throws IOException {
        try (InputStream body = response.body();
                BodyDeadline deadline = BodyDeadline.start(body, atMost)) {
            try {
                return reading.from(body);
            } catch (IOException e) {
                if (deadline.expired()) {
                    throw new HttpTimeoutException("the response body took more than " + atMost.toSeconds() + " s");
                }
                throw e;
            }
        }
    }
}
