/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file of a listening Unix socket, from its creation to its removal.
 *
 * <p>The socket is bound inside a directory that only this user can enter, gets its mode and group
 * there, and is then moved to its path. So there is no moment at which a user without access can
 * connect, and a stale socket is replaced in one step.
 */
final class SocketFile {

    /**
     * The limit of the kernel is 108 bytes with the final zero, and the private directory needs
     * some of them.
     */
    private static final int MAX_PATH_BYTES = 90;

    private final Path path;
    private @Nullable Object inode;
    /** Set before the socket is reachable; read by the loop thread. */
    private volatile @Nullable PeerPolicy peers;

    SocketFile(Path path) {
        this.path = path.toAbsolutePath();
    }

    /** Binds a socket to an address. */
    interface Binder {
        void bind(UnixDomainSocketAddress address) throws IOException;
    }

    /**
     * Binds and publishes the socket.
     *
     * @param group the group of the socket; empty to keep that of this process
     * @throws IOException if another daemon listens on the socket, or the file cannot be created;
     *     the message says what to do
     */
    void publish(Optional<String> group, Binder binder) throws IOException {
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
            throw new IOException(
                    "the socket path " + path + " is longer than " + MAX_PATH_BYTES + " bytes; choose another one");
        }
        Path parent = Objects.requireNonNull(path.getParent(), "a socket lies in a directory");
        Files.createDirectories(parent);
        checkNotServed();
        Path privateDirectory = Files.createTempDirectory(
                parent, ".", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Path bound = privateDirectory.resolve("s");
            binder.bind(UnixDomainSocketAddress.of(bound));
            PosixFileAttributeView view = Files.getFileAttributeView(bound, PosixFileAttributeView.class);
            view.setPermissions(PosixFilePermissions.fromString("rw-rw----"));
            if (group.isPresent()) {
                view.setGroup(lookup(group.get()));
            }
            inode = inode(bound);
            peers = PeerPolicy.of(bound);
            Files.move(bound, path, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(privateDirectory.resolve("s"));
            Files.deleteIfExists(privateDirectory);
        }
    }

    private GroupPrincipal lookup(String group) throws IOException {
        try {
            return path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
        } catch (UserPrincipalNotFoundException unknown) {
            throw new IOException("there is no group " + group + " for the socket " + path, unknown);
        }
    }

    private void checkNotServed() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException(
                    path + " exists and is not a socket; remove it, or choose another path with --api-socket");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            if (!probe.connect(UnixDomainSocketAddress.of(path))) {
                return;
            }
        } catch (IOException _) {
            // Nothing listens: the socket is stale, and is replaced.
            return;
        }
        throw new IOException("another jubelet already listens on " + path
                + ", and only one can run the pods of a node; stop it (systemctl stop jubelet), or choose another path"
                + " with --api-socket");
    }

    /** Removes the file, unless another daemon has replaced it. */
    void remove() throws IOException {
        if (inode != null && Files.exists(path, LinkOption.NOFOLLOW_LINKS) && inode.equals(inode(path))) {
            Files.deleteIfExists(path);
        }
    }

    /** The users with access to the socket; empty before it is published. */
    Optional<PeerPolicy> peers() {
        return Optional.ofNullable(peers);
    }

    private static @Nullable Object inode(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
