/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.archive;

import io.jubelet.archive.TarEntry.Kind;
import io.jubelet.archive.TarEntry.Owner;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Writes a file or a directory of this machine to a tar archive. For one thread. */
public final class TreePacking {

    private final TarWriter out;
    private final Consumer<String> warnings;

    private TreePacking(TarWriter out, Consumer<String> warnings) {
        this.out = out;
        this.warnings = warnings;
    }

    /**
     * Writes an archive. A link in the place of {@code source} is followed; those below it are kept as they are.
     *
     * @param name under which {@code source} stands in the archive
     * @param warnings receives what was left out, and why
     */
    public static void pack(Path source, String name, OutputStream archive, Consumer<String> warnings)
            throws IOException {
        TreePacking packing = new TreePacking(new TarWriter(archive), warnings);
        packing.add(source, name, Files.readAttributes(source, "unix:*"), true);
        packing.out.end();
    }

    private void add(Path file, String name, Map<String, Object> unix, boolean follow) throws IOException {
        PosixFileAttributes attributes = follow
                ? Files.readAttributes(file, PosixFileAttributes.class)
                : Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Owner owner = new Owner(number(unix, "uid"), number(unix, "gid"));
        int mode = (int) number(unix, "mode") & 07777;
        FileTime time = attributes.lastModifiedTime();
        long modified = time.to(TimeUnit.SECONDS);
        if (attributes.isDirectory()) {
            out.write(
                    new TarEntry(name + "/", Kind.DIRECTORY, mode, owner, 0, modified, ""),
                    InputStream.nullInputStream());
            for (Path entry : entries(file)) {
                add(
                        entry,
                        name + "/" + entry.getFileName(),
                        Files.readAttributes(entry, "unix:*", LinkOption.NOFOLLOW_LINKS),
                        false);
            }
        } else if (attributes.isSymbolicLink()) {
            String target = Files.readSymbolicLink(file).toString();
            out.write(
                    new TarEntry(name, Kind.SYMBOLIC_LINK, mode, owner, 0, modified, target),
                    InputStream.nullInputStream());
        } else if (attributes.isRegularFile()) {
            try (InputStream content = Files.newInputStream(file)) {
                out.write(new TarEntry(name, Kind.FILE, mode, owner, attributes.size(), modified, ""), content);
            } catch (EOFException shorter) {
                warnings.accept(String.valueOf(shorter.getMessage()));
            }
        } else {
            warnings.accept("skipping " + file + ", which is neither a file, a directory nor a link");
        }
    }

    private static long number(Map<String, Object> attributes, String name) {
        return ((Number) Objects.requireNonNull(attributes.get(name), name)).longValue();
    }

    private static List<Path> entries(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        }
        Collections.sort(entries);
        return entries;
    }
}
