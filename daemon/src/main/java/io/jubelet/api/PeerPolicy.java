/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.Objects;
import jdk.net.UnixDomainPrincipal;

/**
 * Which users have access to the socket: root, the user of the daemon, and users whose primary
 * group is the group of the socket.
 *
 * <p>The mode of the socket already denies access to others; this check holds if the mode was
 * changed, or if the file system ignores it.
 *
 * @param root the owner of the root directory
 * @param self the owner of the socket
 * @param group the group of the socket
 */
record PeerPolicy(UserPrincipal root, UserPrincipal self, GroupPrincipal group) {

    PeerPolicy {
        Objects.requireNonNull(root, "root");
        Objects.requireNonNull(self, "self");
        Objects.requireNonNull(group, "group");
    }

    /** Reads the policy of a socket that this process created. */
    static PeerPolicy of(Path socket) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(socket, PosixFileAttributes.class);
        return new PeerPolicy(Files.getOwner(Path.of("/")), attributes.owner(), attributes.group());
    }

    boolean allows(UnixDomainPrincipal peer) {
        return peer.user().equals(root)
                || peer.user().equals(self)
                || peer.group().equals(group);
    }
}
