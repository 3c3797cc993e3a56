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

/**
 * The file of a listening Unix socket, from taking its place to removing it.
 *
 * <p>The socket is bound inside a directory that nobody else may enter, gets its mode and group there, and is then moved
 * to its place: at no moment can anybody connect who may not, and a stale socket is replaced in one step.
 */
final class SocketFile {

    /** The kernel's limit is 108 bytes with the final zero; the private directory needs some of them. */
    private static final int LONGEST = 90;

    private final Path path;
    private Object inode;
    /** Set before the socket can be reached; read by the loop thread. */
    private volatile PeerPolicy peers;

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
     * @param group of the socket; empty leaves that of this process
     * @throws IOException when somebody else serves the socket, or the file cannot be made; the message says what to do
     */
    void publish(Optional<String> group, Binder binder) throws IOException {
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            throw new IOException(
                    "the socket path " + path + " is longer than " + LONGEST + " bytes; choose another one");
        }
        Path parent = Objects.requireNonNull(path.getParent(), "a socket lies in a directory");
        Files.createDirectories(parent);
        refuseWhatIsAlive();
        Path lane = Files.createTempDirectory(
                parent, ".", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Path fresh = lane.resolve("s");
            binder.bind(UnixDomainSocketAddress.of(fresh));
            PosixFileAttributeView view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
            view.setPermissions(PosixFilePermissions.fromString("rw-rw----"));
            if (group.isPresent()) {
                view.setGroup(lookup(group.get()));
            }
            inode = inode(fresh);
            peers = PeerPolicy.of(fresh);
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(lane.resolve("s"));
            Files.deleteIfExists(lane);
        }
    }

    private GroupPrincipal lookup(String group) throws IOException {
        try {
            return path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
        } catch (UserPrincipalNotFoundException unknown) {
            throw new IOException("there is no group " + group + " for the socket " + path, unknown);
        }
    }

    private void refuseWhatIsAlive() throws IOException {
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
            // Nobody listens: it was left behind, and is replaced.
            return;
        }
        throw new IOException("another jubelet serves " + path
                + " already, and only one may keep the pods of a node; stop it (systemctl stop jubelet), or choose another"
                + " path with --api-socket");
    }

    /** Removes the file, unless another daemon has put its own there since. */
    void remove() throws IOException {
        if (inode != null && Files.exists(path, LinkOption.NOFOLLOW_LINKS) && inode.equals(inode(path))) {
            Files.deleteIfExists(path);
        }
    }

    /** Who may talk to the socket; empty before it is published. */
    Optional<PeerPolicy> peers() {
        return Optional.ofNullable(peers);
    }

    private static Object inode(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
