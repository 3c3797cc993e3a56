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
 * Who may talk to the socket: root, the user the daemon runs as, and members of the socket's group whose primary group it
 * is.
 *
 * <p>The mode of the socket keeps others out already; this holds when the mode was changed, or the file system ignores it.
 *
 * @param root owner of the root directory
 * @param self owner of the socket
 * @param group group of the socket
 */
record PeerPolicy(UserPrincipal root, UserPrincipal self, GroupPrincipal group) {

    PeerPolicy {
        Objects.requireNonNull(root, "root");
        Objects.requireNonNull(self, "self");
        Objects.requireNonNull(group, "group");
    }

    /** The policy of a socket that this process made. */
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
