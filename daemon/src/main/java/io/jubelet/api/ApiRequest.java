/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The path and the query of a request.
 *
 * @param path the decoded segments, without empty ones
 * @param query the decoded parameters
 * @param client whose share of the server the request uses
 */
record ApiRequest(List<String> path, Map<String, List<String>> query, Client client) {

    /**
     * Parses a request target.
     *
     * @throws ApiError a bad request, if the target is malformed
     */
    static ApiRequest parse(String target, Client client) {
        try {
            QueryStringDecoder decoder = new QueryStringDecoder(target);
            // The path is split before it is decoded, so that an encoded slash stays inside its
            // segment.
            List<String> path = Arrays.stream(decoder.rawPath().split("/"))
                    .filter(segment -> !segment.isEmpty())
                    .map(QueryStringDecoder::decodeComponent)
                    .toList();
            return new ApiRequest(path, decoder.parameters(), client);
        } catch (IllegalArgumentException malformed) {
            throw ApiError.badRequest("malformed request target: " + malformed.getMessage());
        }
    }

    /** Whether a parameter is set: {@code true}, {@code 1}, or given without a value. */
    boolean flag(String name) {
        return switch (value(name)) {
            case null -> false;
            case "", "1", "true" -> true;
            case "0", "false" -> false;
            case String other ->
                throw ApiError.badRequest("parameter " + name + " must be true or false, not \"" + other + "\"");
        };
    }

    /** Returns a parameter that is a number of zero or more. */
    OptionalLong number(String name) {
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
    Optional<Instant> time(String name) {
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
    String text(String name, String absent) {
        String value = value(name);
        return value == null ? absent : value;
    }

    private @Nullable String value(String name) {
        List<String> values = query.get(name);
        return values == null ? null : values.getLast();
    }
}
