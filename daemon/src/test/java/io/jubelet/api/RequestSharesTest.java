/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestSharesTest {

    private static final Client ALICE = new Client("user alice", false);
    private static final Client BOB = new Client("user bob", false);
    private static final Client ROOT = new Client("user root", true);

    /** Four in all, three for users, two for one user. */
    private final RequestShares shares = new RequestShares("watches", 4, 3, 2);

    private final List<RequestShares.Share> taken = new ArrayList<>();

    private void take(Client client) {
        taken.add(shares.take(client));
    }

    private void refuses(Client client, String message) {
        ApiError full = assertThrows(ApiError.class, () -> shares.take(client));
        assertEquals(429, full.code());
        assertEquals(message, full.getMessage());
    }

    @Test
    void limitsOneUserAllUsersAndAll() {
        take(ALICE);
        take(ALICE);
        refuses(ALICE, "too many watches: 2 of user alice are open, which is the limit; end one and try again");
        take(BOB);
        refuses(
                BOB,
                "too many watches: 3 of clients other than root are open, which is the limit; end one and try again");
        take(ROOT);
        refuses(ROOT, "too many watches: 4 are open, which is the limit; end one and try again");
        taken.getFirst().close();
        take(ALICE);
    }

    @Test
    void rootMayTakeAll() {
        for (int i = 0; i < 4; i++) {
            take(ROOT);
        }
        refuses(ALICE, "too many watches: 4 are open, which is the limit; end one and try again");
        taken.forEach(RequestShares.Share::close);
        take(ALICE);
    }
}
