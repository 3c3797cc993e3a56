/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.util.Objects;

/**
 * The other end of a connection, as far as its share of the server is concerned.
 *
 * @param party the user of a Unix socket, or the address of a TCP connection; all connections and
 *     requests with an equal text share one share
 * @param trusted whether places are kept for this client: root, and the user of the daemon
 */
public record Client(String party, boolean trusted) {

    public Client {
        Objects.requireNonNull(party, "party");
    }
}
