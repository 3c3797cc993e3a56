/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.util.HashMap;
import java.util.Map;

/**
 * Limits how many requests of one kind are served at the same time: in all, and of one party, with
 * places that are kept for trusted clients.
 *
 * <p>Safe for use by many threads.
 */
public final class RequestShares {

    private final String what;
    private final int total;
    private final int untrusted;
    private final int perParty;
    /** Guarded by this object, as the fields below are. */
    private final Map<String, Integer> untrustedOf = new HashMap<>();

    private int open;
    private int openUntrusted;

    /**
     * @param what the plural of the kind of request, for messages
     * @param total how many are served at the same time
     * @param untrusted how many of them may come from clients that are not trusted
     * @param perParty how many of those may come from one party
     */
    public RequestShares(String what, int total, int untrusted, int perParty) {
        this.what = what;
        this.total = total;
        this.untrusted = untrusted;
        this.perParty = perParty;
    }

    /** The place of one request. Closing it once gives the place back. */
    public interface Share extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes a place.
     *
     * @throws ApiError with the code 429 if there is none
     */
    public synchronized Share take(Client client) {
        if (open >= total) {
            throw full(total, "");
        }
        if (client.trusted()) {
            open++;
            return () -> release(client);
        }
        if (openUntrusted >= untrusted) {
            throw full(untrusted, " of clients other than root");
        }
        if (untrustedOf.getOrDefault(client.party(), 0) >= perParty) {
            throw full(perParty, " of " + client.party());
        }
        open++;
        openUntrusted++;
        untrustedOf.merge(client.party(), 1, Integer::sum);
        return () -> release(client);
    }

    private ApiError full(int limit, String whose) {
        return ApiError.tooManyRequests(
                "too many " + what + ": " + limit + whose + " are open, which is the limit; end one and try again");
    }

    private synchronized void release(Client client) {
        open--;
        if (!client.trusted()) {
            openUntrusted--;
            untrustedOf.computeIfPresent(client.party(), (_, count) -> count == 1 ? null : count - 1);
        }
    }
}
