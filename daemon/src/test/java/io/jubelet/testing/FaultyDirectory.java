/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.testing;

import static io.jubelet.testing.FaultyPath.unwrap;

import io.jubelet.testing.FileFaults.Kind;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.Iterator;
import java.util.Set;

/** An open directory of a {@link FaultyFileSystem}. */
record FaultyDirectory(FaultyFileSystem fileSystem, Path path, SecureDirectoryStream<Path> real, FileFaults faults)
        implements SecureDirectoryStream<Path> {

    @Override
    public Iterator<Path> iterator() {
        Iterator<Path> entries = real.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                try {
                    faults.before(Kind.READ, path);
                } catch (IOException e) {
                    throw new DirectoryIteratorException(e);
                }
                return entries.hasNext();
            }

            @Override
            public Path next() {
                return fileSystem.wrap(entries.next());
            }
        };
    }

    @Override
    public SecureDirectoryStream<Path> newDirectoryStream(Path name, LinkOption... options) throws IOException {
        faults.before(Kind.READ, path.resolve(name));
        return new FaultyDirectory(
                fileSystem, path.resolve(name), real.newDirectoryStream(unwrap(name), options), faults);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path name, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        Path file = path.resolve(name);
        faults.before(FaultyProvider.kind(options), file);
        return new FaultyProvider.FaultyChannel(file, real.newByteChannel(unwrap(name), options, attributes), faults);
    }

    @Override
    public void deleteFile(Path name) throws IOException {
        faults.before(Kind.CHANGE, path.resolve(name));
        real.deleteFile(unwrap(name));
    }

    @Override
    public void deleteDirectory(Path name) throws IOException {
        faults.before(Kind.CHANGE, path.resolve(name));
        real.deleteDirectory(unwrap(name));
    }

    @Override
    public void move(Path name, SecureDirectoryStream<Path> target, Path targetName) throws IOException {
        faults.before(Kind.CHANGE, path.resolve(name));
        real.move(unwrap(name), ((FaultyDirectory) target).real(), unwrap(targetName));
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Class<V> type) {
        return real.getFileAttributeView(type);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path name, Class<V> type, LinkOption... options) {
        return real.getFileAttributeView(unwrap(name), type, options);
    }

    @Override
    public void close() throws IOException {
        real.close();
    }
}
