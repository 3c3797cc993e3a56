/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a listening Unix socket, from its creation to its removal.
 *
 * <p>Its mode decides who has access, because the kernel checks it when a client connects, with all
 * groups of the client: mode 0660 if there is a group for it, otherwise 0600. While the file
 * has another mode, clients that are not known by their user or their primary group are refused.
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

    private static final Logger LOG = LoggerFactory.getLogger(SocketFile.class);

    private final Path path;
    private final Path groups;
    private @Nullable Object inode;
    /** Set before the socket is reachable; read by the loop thread. */
    private volatile Set<UserPrincipal> trusted = Set.of();
    /** The group with access, and the attributes of the file as they were published. */
    private volatile @Nullable GroupPrincipal members;

    private volatile Map<String, Object> published = Map.of();

    /** @param groups the file in which the system keeps its groups */
    SocketFile(Path path, Path groups) {
        this.path = path.toAbsolutePath();
        this.groups = groups;
    }

    /** Binds a socket to an address. */
    interface Binder {
        void bind(UnixDomainSocketAddress address) throws IOException;
    }

    /**
     * Binds and publishes the socket.
     *
     * @param group the group whose members have access; ignored if the system has no such group
     * @return the group that has access; empty if there is none
     * @throws IOException if another daemon listens on the socket, or the file cannot be created;
     *     the message says what to do
     */
    Optional<String> publish(Optional<String> group, Binder binder) throws IOException {
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
            Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString("rw-------"));
            Optional<String> given = group.isPresent() ? giveTo(group.get(), bound) : Optional.empty();
            inode = inode(bound);
            members = given.isEmpty()
                    ? null
                    : Files.readAttributes(bound, PosixFileAttributes.class).group();
            published = attributes(bound);
            trusted = new HashSet<>(List.of(Files.getOwner(bound), Files.getOwner(Path.of("/"))));
            Files.move(bound, path, StandardCopyOption.ATOMIC_MOVE);
            return given;
        } finally {
            Files.deleteIfExists(privateDirectory.resolve("s"));
            Files.deleteIfExists(privateDirectory);
        }
    }

    /** Lets the members of a group use the socket. */
    private Optional<String> giveTo(String group, Path socket) throws IOException {
        Optional<Integer> gid = gid(group);
        if (gid.isEmpty()) {
            return Optional.empty();
        }
        try {
            Files.setAttribute(socket, "unix:gid", gid.get());
        } catch (IOException denied) {
            LOG.warn("cannot give the socket {} to group {}: {}", path, group, denied.getMessage());
            return Optional.empty();
        }
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
        return Optional.of(group);
    }

    /** The number of a group. */
    private Optional<Integer> gid(String group) throws IOException {
        Optional<String[]> entry = entry(groups, group);
        try {
            return entry.map(fields -> Integer.parseUnsignedInt(fields[2]));
        } catch (NumberFormatException malformed) {
            throw new IOException("malformed line for group " + group + " in " + groups, malformed);
        }
    }

    /**
     * The fields of a user or group; at least three. Only the local files are read, because a directory service that does not
     * respond yet would hold up the start.
     */
    private static Optional<String[]> entry(Path file, String name) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] fields = line.split(":", -1);
                if (fields.length > 2 && fields[0].equals(name)) {
                    return Optional.of(fields);
                }
            }
        } catch (NoSuchFileException _) {
            // A system without users or groups has not this one.
        }
        return Optional.empty();
    }

    /**
     * Whether a client may act in pods: root, the user of the daemon, and the members of a group. The groups of a process are
     * not known but for its primary one, so the file of groups decides about the others.
     */
    boolean administers(UnixDomainPrincipal peer, Optional<String> admins) {
        if (trusts(peer.user())) {
            return true;
        }
        if (admins.isEmpty()) {
            return false;
        }
        try {
            return peer.group().getName().equals(admins.get())
                    || entry(groups, admins.get())
                            .map(fields -> fields.length > 3
                                    && List.of(fields[3].split(","))
                                            .contains(peer.user().getName()))
                            .orElse(false);
        } catch (IOException unreadable) {
            LOG.warn("cannot read {}: {}", groups, unreadable.getMessage());
            return false;
        }
    }

    /** The name of a user with the number, for the log. */
    String identity(UserPrincipal user) {
        try {
            return "user " + user.getName()
                    + entry(groups.resolveSibling("passwd"), user.getName())
                            .map(fields -> " (uid " + fields[2] + ")")
                            .orElse("");
        } catch (IOException _) {
            return "user " + user.getName();
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

    /** Whether a user is root or the user of the daemon. */
    boolean trusts(UserPrincipal user) {
        return trusted.contains(user);
    }

    /** Whether a client that has connected has access. */
    boolean permits(UnixDomainPrincipal peer) {
        if (trusts(peer.user()) || peer.group().equals(members)) {
            return true;
        }
        try {
            return attributes(path).equals(published);
        } catch (IOException _) {
            return false; // without the file it is unknown who could connect
        }
    }

    /** What decides who can connect; the time of the last change is left out, because a rename changes it. */
    private static Map<String, Object> attributes(Path file) throws IOException {
        return Files.readAttributes(file, "unix:mode,uid,gid,ino", LinkOption.NOFOLLOW_LINKS);
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
