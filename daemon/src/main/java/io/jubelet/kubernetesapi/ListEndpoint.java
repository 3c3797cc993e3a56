/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Serves lists, whole or in parts, with the semantics of resourceVersion of the Kubernetes API. Runs on the thread of the
 * request.
 */
final class ListEndpoint {

    private final ObjectStore store;
    private final ObjectWriter writer;

    ListEndpoint(ObjectStore store, ObjectWriter writer) {
        this.store = store;
        this.writer = writer;
    }

    /**
     * Where the next part of a list begins.
     *
     * @param version of the list
     * @param offset how many objects of the kind come before, whether the client wants them or not
     */
    private record Position(long version, int offset) {

        String token() {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString((version + "/" + offset).getBytes(StandardCharsets.US_ASCII));
        }

        static Position parse(String token) {
            try {
                String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.US_ASCII);
                int slash = text.indexOf('/');
                return new Position(
                        Long.parseLong(text.substring(0, Math.max(slash, 0))),
                        Integer.parseUnsignedInt(text.substring(slash + 1)));
            } catch (IllegalArgumentException _) {
                throw ApiError.badRequest("continue key is not valid");
            }
        }
    }

    void serve(ResourceKind kind, Selection selection, ApiRequest request, ApiResponse response)
            throws IOException, InterruptedException {
        Representation form = Representation.of(request);
        OptionalLong limit = request.number("limit");
        String token = request.text("continue", "");
        Position from = token.isEmpty() ? new Position(0, 0) : Position.parse(token);
        ObjectStore.Listing all = token.isEmpty() ? listing(kind, request) : store.listAt(kind, from.version());
        int most = limit.isPresent() && limit.getAsLong() > 0
                ? (int) Math.min(limit.getAsLong(), Integer.MAX_VALUE)
                : Integer.MAX_VALUE;
        List<ObjectStore.Item> chosen = new ArrayList<>();
        Optional<String> next = Optional.empty();
        int at = Math.min(from.offset(), all.items().size());
        for (; at < all.items().size(); at++) {
            if (!selection.includes(all.items().get(at).object())) {
                continue;
            }
            if (chosen.size() == most) {
                next = Optional.of(new Position(all.version(), at).token());
                store.keep(kind, all);
                break;
            }
            chosen.add(all.items().get(at));
        }
        ObjectWriter.Page page = new ObjectWriter.Page(
                new ObjectStore.Listing(all.version(), chosen, all.bytes()),
                next,
                next.isPresent()
                        ? remaining(all.items().subList(at, all.items().size()), selection)
                        : OptionalInt.empty());
        response.head(200, form.contentType());
        writer.list(response, kind, page, form);
    }

    private static OptionalInt remaining(List<ObjectStore.Item> rest, Selection selection) {
        return OptionalInt.of((int)
                rest.stream().filter(item -> selection.includes(item.object())).count());
    }

    private ObjectStore.Listing listing(ResourceKind kind, ApiRequest request)
            throws IOException, InterruptedException {
        OptionalLong version = version(request);
        String match = request.text("resourceVersionMatch", "");
        if (version.isEmpty()) {
            if (!match.isEmpty()) {
                throw ApiError.badRequest("resourceVersionMatch is forbidden unless resourceVersion is provided");
            }
            return store.list(kind);
        }
        return switch (match) {
            case "Exact" -> {
                if (version.getAsLong() == 0) {
                    throw ApiError.badRequest("resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"");
                }
                yield store.listAt(kind, version.getAsLong());
            }
            case "", "NotOlderThan" -> {
                if (!store.isKnown(version.getAsLong())) {
                    throw ApiError.expired("resource version " + version.getAsLong()
                            + " is of another server; list without a resourceVersion");
                }
                yield store.list(kind);
            }
            case String other ->
                throw ApiError.badRequest(
                        "parameter resourceVersionMatch must be Exact or NotOlderThan, not \"" + other + "\"");
        };
    }

    /** The parameter resourceVersion; empty if it is absent. */
    static OptionalLong version(ApiRequest request) {
        return request.text("resourceVersion", "").isEmpty() ? OptionalLong.empty() : request.number("resourceVersion");
    }
}
