/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.util.Objects;
import java.util.function.Supplier;

/**
 * The other end of a connection, as far as its share of the server is concerned.
 *
 * @param party the user of a Unix socket, or the address of a TCP connection; all connections and
 *     requests with an equal text share one share
 * @param trusted whether places are kept for this client: root, and the user of the daemon
 * @param identity who it is, for the log, where that costs a look into a file
 */
public record Client(String party, boolean trusted, Supplier<String> identity) {

    public Client {
        Objects.requireNonNull(party, "party");
        Objects.requireNonNull(identity, "identity");
    }

    /** How much of the name of a user is logged, in characters; a certificate or an API server can name any. */
    private static final int MAX_USER = 256;

    /** A client whose party says who it is. */
    public Client(String party, boolean trusted) {
        this(party, trusted, () -> party);
    }

    /** The same client, which has proved to be a user: its share stays that of its party, and the log names the user. */
    Client authenticated(String user) {
        String name = user.length() > MAX_USER ? user.substring(0, MAX_USER) + "..." : user;
        return new Client(party, trusted, () -> name + " at " + party);
    }
}
