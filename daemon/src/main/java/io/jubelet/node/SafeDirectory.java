package io.jubelet.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A directory beneath a trusted one, held open: whatever becomes of the names on the way, what is done through it happens
 * in this directory. No symbolic link is followed, not even one that stays beneath, for nobody but us makes names there.
 *
 * <p>What has a name is first opened without any access, which neither waits nor does anything to it, then looked at, and
 * only a regular file is opened for good, through the descriptor that was looked at. So nobody can put a pipe, on which we
 * would wait for ever, or a device in its place meanwhile; the JDK knows no such way.
 *
 * <p>Linux only; one thread at a time.
 */
public final class SafeDirectory implements AutoCloseable {

    private static final Set<OpenOption> FRESH =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);

    /** What the process takes from the permissions of all that it makes. */
    private static final int UMASK = umask();

    private final int directory;

    private SafeDirectory(int directory) {
        this.directory = directory;
    }

    /**
     * Opens a directory.
     *
     * @param trusted a directory that only we and root write to; links on its path are followed
     * @param names the names from there on, each of one thing
     * @throws NoSuchFileException when there is no such thing
     * @throws NotDirectoryException when one of the names leads to something else, a symbolic link for example
     */
    public static SafeDirectory open(Path trusted, String... names) throws IOException {
        SafeDirectory reached = new SafeDirectory(openTrusted(trusted));
        for (String name : names) {
            try (SafeDirectory before = reached) {
                reached = before.enter(name);
            }
        }
        return reached;
    }

    private static int openTrusted(Path trusted) throws IOException {
        try {
            return LinuxFileCalls.open(trusted);
        } catch (LinuxFileCalls.Refused e) {
            throw told(e, trusted.toString());
        }
    }

    private static int openAny(int in, String name) throws IOException {
        try {
            return LinuxFileCalls.open(in, plain(name));
        } catch (LinuxFileCalls.Refused e) {
            throw told(e, name);
        }
    }

    private static IOException told(LinuxFileCalls.Refused refused, String name) {
        return refused.errno() == LinuxFileCalls.ENOENT
                ? new NoSuchFileException(name)
                : new FileSystemException(name, null, refused.getMessage());
    }

    private static String plain(String name) throws NoSuchFileException {
        if (!SecureDirectories.isPlainName(name)) {
            throw new NoSuchFileException(name, null, "not the name of one thing");
        }
        return name;
    }

    private static Path descriptor(int opened) {
        return Path.of("/proc/self/fd/" + opened);
    }

    /** Of what is open, a link itself included. */
    private static BasicFileAttributes attributes(int opened) throws IOException {
        return Files.readAttributes(descriptor(opened), BasicFileAttributes.class);
    }

    /** The directory in this one, which is made where there is none, with these permissions whatever the umask. */
    public SafeDirectory enterOrMake(String name, Set<PosixFilePermission> permissions) throws IOException {
        int there = openDirectory(name);
        if (there >= 0) {
            return new SafeDirectory(there);
        }
        try {
            Files.createDirectory(resolve(name), PosixFilePermissions.asFileAttribute(permissions));
        } catch (FileAlreadyExistsException _) {
            return enter(name); // no directory, or made by somebody just now
        }
        SafeDirectory made = enter(name);
        try {
            if (lessens(permissions)) {
                Files.setPosixFilePermissions(made.path(), permissions);
            }
            return made;
        } catch (IOException e) {
            made.close();
            throw e;
        }
    }

    /**
     * A directory in this one.
     *
     * @throws NoSuchFileException when there is no such thing
     * @throws NotDirectoryException when it is something else
     */
    public SafeDirectory enter(String name) throws IOException {
        int opened = openDirectory(name);
        if (opened < 0) {
            // Of what is there the kernel opens nothing but directories that way.
            LinuxFileCalls.close(openAny(directory, name));
            throw new NotDirectoryException(name);
        }
        return new SafeDirectory(opened);
    }

    /** Negative when there is no such directory. */
    private int openDirectory(String name) throws IOException {
        return LinuxFileCalls.openDirectory(directory, plain(name));
    }

    /** Whether the umask takes any of these permissions away. */
    private static boolean lessens(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (PosixFilePermission permission : permissions) {
            mode |= 0400 >> permission.ordinal(); // in the order of their bits
        }
        return (mode & UMASK) != 0;
    }

    private static int umask() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("Umask:"))
                    .map(line ->
                            Integer.parseInt(line.substring("Umask:".length()).strip(), 8))
                    .findFirst()
                    .orElse(0777);
        } catch (IOException _) {
            return 0777; // it may be any
        }
    }

    /** A path that leads to this directory as long as it is open. */
    public Path path() {
        return descriptor(directory);
    }

    /** A path that leads to a name in this directory as long as it is open, whatever becomes of the directory's own name. */
    public Path resolve(String name) {
        if (!SecureDirectories.isPlainName(name)) {
            throw new IllegalArgumentException("not the name of one thing: " + name);
        }
        return descriptor(directory).resolve(name);
    }

    /**
     * An open regular file.
     *
     * @param key what tells it from others, as {@link BasicFileAttributes#fileKey()}
     */
    public record Opened(SeekableByteChannel channel, Object key) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /**
     * Opens a regular file.
     *
     * @throws NoSuchFileException when there is none of that name
     * @throws FileSystemException when there is something else
     */
    public Opened open(String name, OpenOption... options) throws IOException {
        int opened = openAny(directory, name);
        try {
            BasicFileAttributes attributes = attributes(opened);
            if (!attributes.isRegularFile()) {
                throw new FileSystemException(name, null, "is no regular file");
            }
            return new Opened(Files.newByteChannel(descriptor(opened), options), attributes.fileKey());
        } finally {
            LinuxFileCalls.close(opened);
        }
    }

    /** Makes a file with these permissions, whatever the umask, in place of whatever has the name but is no directory. */
    public void replace(String name, byte[] content, Set<PosixFilePermission> permissions) throws IOException {
        try {
            make(name, content, permissions);
        } catch (FileAlreadyExistsException _) {
            delete(name);
            make(name, content, permissions);
        }
    }

    private void make(String name, byte[] content, Set<PosixFilePermission> permissions) throws IOException {
        try (SeekableByteChannel out =
                Files.newByteChannel(resolve(name), FRESH, PosixFilePermissions.asFileAttribute(permissions))) {
            write(out, content);
        }
        if (lessens(permissions)) {
            setPermissions(name, permissions);
        }
    }

    /** Removes what has the name, a link itself; done when there is no such thing. A directory must be empty. */
    public void delete(String name) throws IOException {
        Files.deleteIfExists(resolve(name));
    }

    /** Writes from the position of a file on. */
    public static void write(SeekableByteChannel file, byte[] content) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    private void setPermissions(String name, Set<PosixFilePermission> permissions) throws IOException {
        int opened = openAny(directory, name);
        try {
            if (attributes(opened).isRegularFile()) {
                Files.setPosixFilePermissions(descriptor(opened), permissions);
            }
        } finally {
            LinuxFileCalls.close(opened);
        }
    }

    @Override
    public void close() {
        LinuxFileCalls.close(directory);
    }
}
