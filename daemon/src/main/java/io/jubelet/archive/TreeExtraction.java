/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.archive;

import io.jubelet.node.SafeDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Writes what a tar archive from a container has to one place of this machine. The archive is hostile: whatever its names and
 * links are, nothing is read or written outside that place.
 *
 * <p>Directories are entered one name after the other, through no link. A symbolic link is made after all files, and only if it
 * stays in the place: its target begins with as many {@code ..} as there are directories above it there, or fewer, and has none
 * later. Owners, set-user-ID bits and devices are not taken over. For one thread.
 */
public final class TreeExtraction {

    private static final Set<OpenOption> NEW_FILE =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);
    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwxr-xr-x");
    /** What the umask leaves of it. */
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-rw-rw-");

    private static final Set<PosixFilePermission> PROGRAM = PosixFilePermissions.fromString("rwxrwxrwx");
    private static final int EXECUTABLE = 0100;

    /** So many links wait until all files are written. */
    static final int MAX_LINKS = 100_000;

    private final String base;
    private final Path destination;
    private final Consumer<String> warnings;
    private final List<Link> links = new ArrayList<>();
    private int written;

    /** A symbolic link that is not made yet. */
    private record Link(List<String> path, String target) {}

    private TreeExtraction(String base, Path destination, Consumer<String> warnings) {
        this.base = base;
        this.destination = destination;
        this.warnings = warnings;
    }

    /**
     * Reads an archive to its end.
     *
     * @param base the first segment of all names, which becomes {@code destination}; {@code .} if names have none
     * @param destination a new file or directory in an existing directory, or a file that is overwritten, or a directory to
     *     which the archive adds
     * @param warnings receives what was left out, and why
     * @return the number of files, directories and links that were written
     */
    public static int extract(InputStream archive, String base, Path destination, Consumer<String> warnings)
            throws IOException {
        TreeExtraction extraction = new TreeExtraction(base, destination, warnings);
        TarReader reader = new TarReader(archive);
        for (Optional<TarEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            extraction.add(entry.get(), reader);
        }
        extraction.makeLinks();
        return extraction.written;
    }

    private void add(TarEntry entry, TarReader reader) throws IOException {
        Optional<List<String>> inside = inside(entry.name());
        if (inside.isEmpty()) {
            warnings.accept("skipping " + entry.name() + ", which is not below the requested path");
            return;
        }
        List<String> path = inside.get();
        switch (entry.kind()) {
            case DIRECTORY -> {
                enter(path).close();
                written++;
            }
            case FILE -> file(path, entry, reader);
            case HARD_LINK -> hardLink(path, entry);
            case SYMBOLIC_LINK -> {
                if (links.size() == MAX_LINKS) {
                    throw new IOException("the archive has more than " + MAX_LINKS + " symbolic links");
                }
                links.add(new Link(path, entry.link()));
            }
            case OTHER ->
                warnings.accept("skipping " + entry.name() + ", which is neither a file, a directory nor a link");
        }
    }

    /** The segments behind the base; empty if a name leaves the place. */
    private Optional<List<String>> inside(String name) {
        List<String> segments = new ArrayList<>(Arrays.asList(name.split("/")));
        segments.removeIf(segment -> segment.isEmpty() || segment.equals("."));
        if (segments.contains("..") || name.startsWith("/")) {
            return Optional.empty();
        }
        if (base.equals(".")) {
            return Optional.of(segments);
        }
        return segments.isEmpty() || !segments.getFirst().equals(base)
                ? Optional.empty()
                : Optional.of(segments.subList(1, segments.size()));
    }

    /** Opens a directory of the place, and creates what is missing on the way. */
    private SafeDirectory enter(List<String> path) throws IOException {
        if (!Files.isDirectory(destination)) {
            Files.createDirectory(destination);
        }
        SafeDirectory reached = SafeDirectory.open(destination);
        for (String name : path) {
            try (SafeDirectory before = reached) {
                reached = before.enterOrCreate(name, DIRECTORY);
            }
        }
        return reached;
    }

    private void file(List<String> path, TarEntry entry, TarReader reader) throws IOException {
        if (path.isEmpty()) {
            // The user has named this file, so a link or a device in its place is what the user means.
            try (OutputStream out = Files.newOutputStream(destination)) {
                reader.copyTo(out);
            }
            if ((entry.mode() & EXECUTABLE) != 0 && Files.isRegularFile(destination)) {
                Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(destination);
                permissions.add(PosixFilePermission.OWNER_EXECUTE);
                Files.setPosixFilePermissions(destination, permissions);
            }
        } else {
            try (SafeDirectory directory = enter(path.subList(0, path.size() - 1));
                    OutputStream out = create(directory, path.getLast(), entry)) {
                reader.copyTo(out);
            }
        }
        written++;
    }

    private static OutputStream create(SafeDirectory directory, String name, TarEntry entry) throws IOException {
        remove(directory, name);
        Set<PosixFilePermission> permissions = (entry.mode() & EXECUTABLE) != 0 ? PROGRAM : FILE;
        return Channels.newOutputStream(Files.newByteChannel(
                directory.resolve(name), NEW_FILE, PosixFilePermissions.asFileAttribute(permissions)));
    }

    /** Removes a file or a link that is replaced. */
    private static void remove(SafeDirectory directory, String name) throws IOException {
        if (!directory.has(name)) {
            return;
        }
        PosixFileAttributes attributes = directory.attributes(name);
        if (!attributes.isRegularFile() && !attributes.isSymbolicLink()) {
            throw new FileSystemException(
                    directory.path().toRealPath().resolve(name).toString(), null, "is there, and is no file");
        }
        directory.delete(name);
    }

    /** Copies the file that the link means, because changes of one name should not reach the other here. */
    private void hardLink(List<String> path, TarEntry entry) throws IOException {
        Optional<List<String>> target = inside(entry.link());
        if (path.isEmpty() || target.isEmpty() || target.get().isEmpty()) {
            warnings.accept("skipping " + entry.name() + ", a link to " + entry.link());
            return;
        }
        List<String> from = target.get();
        try (SafeDirectory source = enter(from.subList(0, from.size() - 1));
                SafeDirectory.Opened file = source.open(from.getLast(), StandardOpenOption.READ);
                SafeDirectory directory = enter(path.subList(0, path.size() - 1))) {
            if (from.equals(path)) {
                return;
            }
            try (OutputStream out = create(directory, path.getLast(), entry)) {
                Channels.newInputStream(file.channel()).transferTo(out);
            }
            written++;
        } catch (NoSuchFileException _) {
            warnings.accept("skipping " + entry.name() + ", a link to " + entry.link() + ", which is not there");
        }
    }

    private void makeLinks() throws IOException {
        for (Link link : links) {
            String name = String.join("/", link.path());
            if (link.path().isEmpty()) {
                throw new IOException("it is a symbolic link to " + link.target() + "; copy that");
            }
            if (!stays(link)) {
                warnings.accept("skipping symlink: \"" + destination.resolve(name) + "\" -> \"" + link.target() + "\"");
                continue;
            }
            try (SafeDirectory directory =
                    enter(link.path().subList(0, link.path().size() - 1))) {
                remove(directory, link.path().getLast());
                directory.link(link.path().getLast(), Path.of(link.target()));
            }
            written++;
        }
    }

    /**
     * Whether a link leads nowhere else. A {@code ..} behind a name would be resolved where that name leads, which can be
     * another link; at the beginning it is resolved in a real directory.
     */
    private static boolean stays(Link link) {
        if (link.target().isEmpty() || link.target().startsWith("/")) {
            return false;
        }
        int above = link.path().size() - 1;
        boolean begun = false;
        for (String segment : link.target().split("/")) {
            if (segment.equals("..")) {
                if (begun || above == 0) {
                    return false;
                }
                above--;
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                begun = true;
            }
        }
        return true;
    }
}
