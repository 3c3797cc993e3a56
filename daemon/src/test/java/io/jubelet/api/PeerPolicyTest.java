/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.UnixDomainPrincipal;
import org.junit.jupiter.api.Test;

class PeerPolicyTest {

    private record User(String name) implements UserPrincipal {
        @Override
        public String getName() {
            return name;
        }
    }

    private record Group(String name) implements GroupPrincipal {
        @Override
        public String getName() {
            return name;
        }
    }

    private final PeerPolicy policy = new PeerPolicy(new User("root"), new User("jubelet"), new Group("operators"));

    @Test
    void allowsOnlyRootDaemonAndGroup() {
        assertTrue(policy.allows(new UnixDomainPrincipal(new User("root"), new Group("wheel"))));
        assertTrue(policy.allows(new UnixDomainPrincipal(new User("jubelet"), new Group("wheel"))));
        assertTrue(policy.allows(new UnixDomainPrincipal(new User("alice"), new Group("operators"))));
        assertFalse(policy.allows(new UnixDomainPrincipal(new User("bob"), new Group("wheel"))));
    }
}
