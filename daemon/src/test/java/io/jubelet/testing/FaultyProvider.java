/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.testing;

import static io.jubelet.testing.FaultyPath.unwrap;

import io.jubelet.testing.FileFaults.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.Set;

/** The calls of a {@link FaultyFileSystem}: each asks for a fault, and is then made on the default file system. */
final class FaultyProvider extends FileSystemProvider {

    private final FaultyFileSystem fileSystem;
    private final FileSystemProvider real;
    private final FileFaults faults;

    FaultyProvider(FaultyFileSystem fileSystem, FileSystemProvider real, FileFaults faults) {
        this.fileSystem = fileSystem;
        this.real = real;
        this.faults = faults;
    }

    @Override
    public String getScheme() {
        return "faulty";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return fileSystem;
    }

    @Override
    public Path getPath(URI uri) {
        return fileSystem.wrap(real.getPath(uri));
    }

    // --- content

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        faults.before(kind(options), path);
        return new FaultyChannel(path, real.newByteChannel(unwrap(path), options, attributes), faults);
    }

    /** Only opening it can fail. */
    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        faults.before(kind(options), path);
        return real.newFileChannel(unwrap(path), options, attributes);
    }

    static Kind kind(Set<? extends OpenOption> options) {
        boolean writes = options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
        return writes ? Kind.CREATE : Kind.READ;
    }

    /** A channel that may write less than it is given, or nothing. */
    record FaultyChannel(Path path, SeekableByteChannel real, FileFaults faults) implements SeekableByteChannel {

        @Override
        public int read(ByteBuffer into) throws IOException {
            faults.before(Kind.READ, path);
            return real.read(into);
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            if (!from.hasRemaining()) {
                return 0;
            }
            ByteBuffer part = from.slice().limit(faults.writes(path, from.remaining()));
            int written = real.write(part);
            from.position(from.position() + written);
            return written;
        }

        @Override
        public long position() throws IOException {
            return real.position();
        }

        @Override
        public SeekableByteChannel position(long position) throws IOException {
            real.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public SeekableByteChannel truncate(long size) throws IOException {
            faults.before(Kind.CHANGE, path);
            real.truncate(size);
            return this;
        }

        @Override
        public boolean isOpen() {
            return real.isOpen();
        }

        @Override
        public void close() throws IOException {
            real.close();
        }
    }

    // --- entries

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        faults.before(Kind.READ, path);
        DirectoryStream<Path> stream =
                real.newDirectoryStream(unwrap(path), each -> filter.accept(fileSystem.wrap(each)));
        return new FaultyDirectory(fileSystem, path, (SecureDirectoryStream<Path>) stream, faults);
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
        faults.before(Kind.CREATE, path);
        real.createDirectory(unwrap(path), attributes);
    }

    @Override
    public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes) throws IOException {
        faults.before(Kind.CREATE, link);
        real.createSymbolicLink(unwrap(link), unwrap(target), attributes);
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
        faults.before(Kind.CREATE, link);
        real.createLink(unwrap(link), unwrap(existing));
    }

    @Override
    public void delete(Path path) throws IOException {
        faults.before(Kind.CHANGE, path);
        real.delete(unwrap(path));
    }

    @Override
    public Path readSymbolicLink(Path link) throws IOException {
        faults.before(Kind.READ, link);
        return fileSystem.wrap(real.readSymbolicLink(unwrap(link)));
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        faults.before(Kind.CREATE, target);
        real.copy(unwrap(source), unwrap(target), options);
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        faults.before(Kind.CHANGE, target);
        real.move(unwrap(source), unwrap(target), options);
    }

    // --- attributes

    @Override
    public boolean isSameFile(Path a, Path b) throws IOException {
        faults.before(Kind.LOOK, a);
        return real.isSameFile(unwrap(a), unwrap(b));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return real.isHidden(unwrap(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        faults.before(Kind.LOOK, path);
        return real.getFileStore(unwrap(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        faults.before(Kind.LOOK, path);
        real.checkAccess(unwrap(path), modes);
    }

    /** The calls of the view do not fail. */
    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        return real.getFileAttributeView(unwrap(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        faults.before(Kind.LOOK, path);
        return real.readAttributes(unwrap(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        faults.before(Kind.LOOK, path);
        return real.readAttributes(unwrap(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        faults.before(Kind.CHANGE, path);
        real.setAttribute(unwrap(path), attribute, value, options);
    }
}
