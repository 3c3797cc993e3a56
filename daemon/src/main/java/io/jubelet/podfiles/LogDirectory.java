package io.jubelet.podfiles;

import io.jubelet.node.SafeDirectory;
import io.jubelet.node.SecureDirectories;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The log directory of one container, entered from the logs of all pods without following symbolic links: a container
 * that has the host's logs mounted may have put some there. Used by one thread.
 */
public final class LogDirectory implements AutoCloseable {

    private static final FileAttribute<?> OWNER_WRITES =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"));

    private final SecureDirectoryStream<Path> directory;
    private final Path logs;
    private final String pod;
    private final String container;

    private LogDirectory(SecureDirectoryStream<Path> directory, Path logs, String pod, String container) {
        this.directory = directory;
        this.logs = logs;
        this.pod = pod;
        this.container = container;
    }

    /**
     * Enters the directory.
     *
     * @throws NoSuchFileException when there is no such directory
     */
    public static LogDirectory open(Path logs, String pod, String container) throws IOException {
        try (SecureDirectoryStream<Path> all = SecureDirectories.open(logs);
                SecureDirectoryStream<Path> ofPod = enter(all, pod)) {
            return new LogDirectory(enter(ofPod, container), logs, pod, container);
        }
    }

    private static SecureDirectoryStream<Path> enter(SecureDirectoryStream<Path> from, String name) throws IOException {
        if (!SecureDirectories.isPlainName(name)) {
            throw new NoSuchFileException(name);
        }
        return SecureDirectories.enter(from, Path.of(name));
    }

    /**
     * What there is of one instance: rotated files from the oldest, the one being written last. Links are among them, which
     * nobody but somebody else made. May be asked once.
     */
    public List<String> filesOf(int attempt) {
        String current = attempt + ".log";
        List<String> files = new ArrayList<>();
        boolean hasCurrent = false;
        for (Path entry : directory) {
            String name = entry.getFileName().toString();
            hasCurrent |= name.equals(current);
            if (name.startsWith(current + ".")) {
                files.add(name);
            }
        }
        files.sort(null); // their names are times
        if (hasCurrent) {
            files.add(current);
        }
        return files;
    }

    /** Whether it is a file as the runtime makes them. */
    public boolean isRegularFile(String name) throws IOException {
        try {
            return attributes(name).isRegularFile();
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /** Size, identity and times of a file, or of a link itself. */
    public BasicFileAttributes attributes(String name) throws IOException {
        return directory
                .getFileAttributeView(Path.of(name), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    /**
     * Opens a regular file for reading.
     *
     * @throws NoSuchFileException when there is none
     * @throws IOException when there is something else
     */
    public SafeDirectory.Opened open(String name) throws IOException {
        try (SafeDirectory beneath = SafeDirectory.open(logs, pod, container)) {
            return beneath.open(name, StandardOpenOption.READ);
        }
    }

    /** Makes a file that does not exist yet. */
    public SeekableByteChannel create(String name) throws IOException {
        Set<OpenOption> options =
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);
        return directory.newByteChannel(Path.of(name), options, OWNER_WRITES);
    }

    /** Gives a file another name; a file of that name is replaced. */
    public void rename(String from, String to) throws IOException {
        directory.move(Path.of(from), directory, Path.of(to));
    }

    /** Deletes a file, or a link itself; done when there is none. A directory stays until all logs of the pod are removed. */
    public void delete(String name) throws IOException {
        try {
            if (!attributes(name).isDirectory()) {
                directory.deleteFile(Path.of(name));
            }
        } catch (NoSuchFileException _) {
            // somebody was faster
        }
    }

    @Override
    public void close() throws IOException {
        directory.close();
    }
}
