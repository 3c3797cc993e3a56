/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A request. Its body is discarded, unless {@link RequestHandler#bodyLimit} says that the handler reads it.
 *
 * @param head the method, the target as it was sent, the headers, and the body if it is read; must not be changed
 * @param path the decoded segments, without empty ones
 * @param query the decoded parameters
 * @param client whose share of the server the request uses
 */
public record ApiRequest(HttpRequest head, List<String> path, Map<String, List<String>> query, Client client) {

    /** How many parameters a request may have. Each word of a command is one. */
    static final int MAX_PARAMETERS = 16 * 1024;

    /**
     * Parses the target of a request.
     *
     * @throws ApiError a bad request, if the target is malformed
     */
    static ApiRequest parse(HttpRequest head, Client client) {
        try {
            QueryStringDecoder decoder = new QueryStringDecoder(
                    originForm(head.uri()), StandardCharsets.UTF_8, true, MAX_PARAMETERS + 1, true);
            // The path is split before it is decoded, so that an encoded slash stays inside its
            // segment. A plus sign stands for a space in queries only.
            List<String> path = Arrays.stream(decoder.rawPath().split("/"))
                    .filter(segment -> !segment.isEmpty())
                    .map(segment -> QueryStringDecoder.decodeComponent(segment.replace("+", "%2B")))
                    .toList();
            Map<String, List<String>> query = decoder.parameters();
            // A command without its last words could do harm.
            if (query.values().stream().mapToInt(List::size).sum() > MAX_PARAMETERS) {
                throw ApiError.badRequest(
                        "the request has more than " + MAX_PARAMETERS + " parameters or words of a command");
            }
            return new ApiRequest(head, path, query, client);
        } catch (IllegalArgumentException malformed) {
            throw ApiError.badRequest("malformed request target: " + malformed.getMessage());
        }
    }

    /** The same request of a client that has proved who it is. */
    ApiRequest by(String user) {
        return new ApiRequest(head, path, query, client.authenticated(user));
    }

    /** A target from its path on. A proxy sends the whole address, whose host does not matter here. */
    private static String originForm(String target) {
        if (target.startsWith("/")) {
            return target;
        }
        for (String scheme : List.of("http://", "https://")) {
            if (target.regionMatches(true, 0, scheme, 0, scheme.length())) {
                int end = scheme.length();
                while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
                    end++;
                }
                String rest = target.substring(end);
                return rest.startsWith("/") ? rest : "/" + rest;
            }
        }
        throw ApiError.badRequest("malformed request target: it must begin with a slash");
    }

    /** The body; empty if the handler does not read it. */
    public byte[] body() {
        return head instanceof FullHttpRequest whole ? ByteBufUtil.getBytes(whole.content()) : new byte[0];
    }

    /** The HTTP method. */
    public HttpMethod method() {
        return head.method();
    }

    /** Returns the first header of a name, whose case does not matter. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(head.headers().get(name));
    }

    /** Whether a parameter is set: {@code true}, {@code 1}, or given without a value. */
    public boolean flag(String name) {
        return switch (value(name)) {
            case null -> false;
            case "", "1", "true" -> true;
            case "0", "false" -> false;
            case String other ->
                throw ApiError.badRequest("parameter " + name + " must be true or false, not \"" + other + "\"");
        };
    }

    /** Returns a parameter that is a number of zero or more. */
    public OptionalLong number(String name) {
        String value = value(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        try {
            long number = Long.parseLong(value);
            if (number >= 0) {
                return OptionalLong.of(number);
            }
        } catch (NumberFormatException malformed) {
            // Reported below, as negative numbers are.
        }
        throw ApiError.badRequest("parameter " + name + " must be a number of zero or more, not \"" + value + "\"");
    }

    /** Returns a parameter that is an RFC 3339 time. */
    public Optional<Instant> time(String name) {
        String value = value(name);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(value));
        } catch (DateTimeParseException malformed) {
            // Reported below.
        }
        throw ApiError.badRequest(
                "parameter " + name + " must be a time such as 2026-01-01T12:00:00Z, not \"" + value + "\"");
    }

    /** Returns a parameter, or {@code absent} if it is not given. */
    public String text(String name, String absent) {
        String value = value(name);
        return value == null ? absent : value;
    }

    private @Nullable String value(String name) {
        List<String> values = query.get(name);
        return values == null ? null : values.getLast();
    }
}
