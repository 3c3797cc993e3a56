/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Documents;
import io.jubelet.document.FileProblem;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import io.jubelet.manifest.PodIdentity;
import io.jubelet.node.SafeDirectory;
import io.jubelet.node.UnfinishedWork;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last good content of each manifest on disk, so that a file that breaks while the daemon is
 * down keeps its pods.
 *
 * <p>There is one file per manifest, written beside its place and renamed, with a checksum in its
 * first line. Content that was written just now and might not have reached the disk has a file of
 * its own until it is synced: a crash of the daemon loses nothing, and a crash of the machine falls
 * back to the content that was synced before. A damaged file is logged and ignored. Safe for use by
 * several threads.
 */
final class LastGoodStore {

    private static final Logger LOG = LoggerFactory.getLogger(LastGoodStore.class);

    private static final String HEADER = "jubelet-last-good v1 sha256:";
    private static final String SUFFIX = ".json";
    /** Complete for every reader, but possibly lost if the machine loses power. */
    private static final String UNSYNCED = ".fresh";

    private static final String TEMPORARY = ".tmp";

    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** Those of the documents, and of the object around them. */
    private static final int MAX_NODES = 2 * Documents.MAX_NODES;

    private final Path directory;
    /**
     * Admits one writer at a time, so that a file is not renamed while another thread writes it.
     */
    private final ReentrantLock lock = new ReentrantLock();

    /**
     * The stored content of one manifest.
     *
     * @param source absolute path of the manifest
     * @param owns the pods, as namespace/name, and other objects, as kind namespace/name, that this
     *     manifest owns
     * @param documents its documents as JSON, in their order; includes the data of Secrets
     */
    public record Content(String source, Set<String> owns, List<String> documents) {

        /** Leaves out the documents, which may be secret. */
        @Override
        public String toString() {
            return source + " " + owns;
        }
    }

    LastGoodStore(Path directory) {
        this.directory = directory;
    }

    /**
     * Reads all stored content. Never fails: what cannot be read is logged and ignored.
     *
     * @param each gets one content after the other, because all of them together could take too much memory
     */
    void load(UnfinishedWork unfinished, Consumer<Content> each) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        Set<String> ids = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(TEMPORARY)) {
                    Files.deleteIfExists(file);
                } else if (name.endsWith(SUFFIX)) {
                    ids.add(name.substring(0, name.length() - SUFFIX.length()));
                } else if (name.endsWith(UNSYNCED)) {
                    ids.add(name.substring(0, name.length() - UNSYNCED.length()));
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            LOG.warn("cannot read the last good manifests in {}", directory, e);
        }
        for (String id : ids) {
            if (!loadOne(id, UNSYNCED, unfinished, each)) {
                boolean _ = loadOne(id, SUFFIX, unfinished, each);
            }
        }
    }

    /** Returns whether there was such a content. */
    private boolean loadOne(String id, String suffix, UnfinishedWork unfinished, Consumer<Content> each) {
        Path file = directory.resolve(id + suffix);
        long size = file.toFile().length();
        String version = Long.toString(size);
        if (size >= UnfinishedWork.LARGE) {
            Optional<String> refusal = unfinished.refusal(file.toString(), version);
            if (refusal.isPresent()) {
                LOG.error("the last good manifest in {} {}", file, refusal.get());
                return false;
            }
        }
        try (UnfinishedWork.Handling _ =
                size < UnfinishedWork.LARGE ? null : unfinished.begin(file.toString(), version)) {
            Optional<Content> content = read(file, id);
            content.ifPresent(each);
            return content.isPresent();
        }
    }

    private Optional<Content> read(Path file, String id) {
        try {
            String text = Files.readString(file);
            int end = text.indexOf('\n');
            String body = text.substring(end + 1);
            boolean whole = end > 0
                    && text.startsWith(HEADER)
                    && text.substring(HEADER.length(), end).equals(PodIdentity.sha256(body));
            Content content = whole ? parse(body) : null;
            if (content != null && id.equals(id(content.source()))) {
                return Optional.of(content);
            }
            LOG.warn("the last good manifest in {} is damaged; ignoring it", file);
        } catch (NoSuchFileException _) {
            LOG.debug("no {}", file);
        } catch (IOException e) {
            LOG.warn("the last good manifest in {} cannot be read; ignoring it: {}", file, FileProblem.of(e));
        }
        return Optional.empty();
    }

    private static @Nullable Content parse(String body) {
        Node root = Documents.readJson(body, MAX_NODES, new Findings());
        if (root instanceof Node.Mapping mapping
                && mapping.get("source") instanceof Node.Scalar source
                && mapping.get("owns") instanceof Node.Sequence owns
                && mapping.get("documents") instanceof Node.Sequence documents) {
            Set<String> names = new HashSet<>();
            for (Node name : owns.items()) {
                names.add(name instanceof Node.Scalar scalar ? scalar.value() : "");
            }
            List<String> texts = new ArrayList<>();
            for (Node document : documents.items()) {
                texts.add(JsonText.of(document));
            }
            return new Content(source.value(), names, texts);
        }
        return null;
    }

    /** The text that is stored; equal texts need not be written again. */
    static String text(Content content) {
        StringBuilder body = new StringBuilder(1024).append("{\"source\":");
        JsonText.quote(body, content.source());
        body.append(",\"owns\":[");
        int count = 0;
        for (String name : content.owns().stream().sorted().toList()) {
            JsonText.quote(body.append(count++ == 0 ? "" : ","), name);
        }
        body.append("],\"documents\":[")
                .append(String.join(",", content.documents()))
                .append("]}\n");
        return HEADER + PodIdentity.sha256(body.toString()) + "\n" + body;
    }

    /**
     * Writes the text of one manifest. From now on {@link #load} returns it, unless the machine
     * crashes before {@link #sync}.
     */
    void write(String source, String text) throws IOException {
        lock.lock();
        try {
            String id = id(source);
            Path temporary = directory.resolve(id + TEMPORARY);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            try {
                fill(temporary, bytes);
            } catch (NoSuchFileException _) {
                Files.createDirectories(directory);
                fill(temporary, bytes);
            }
            Files.move(temporary, directory.resolve(id + UNSYNCED), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            lock.unlock();
        }
    }

    /** An existing file was left by a write of this daemon that failed. */
    private static void fill(Path file, byte[] bytes) throws IOException {
        Set<OpenOption> options =
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
        try (SeekableByteChannel out = Files.newByteChannel(file, options, OWNER_ONLY)) {
            SafeDirectory.write(out, bytes);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(file + " cannot be written: " + e.getMessage(), e); // the call does not name it
        }
    }

    /**
     * Syncs the texts of these manifests to the disk. Those that are synced already or were removed
     * are skipped.
     */
    void sync(Set<String> sources) throws IOException {
        for (String source : sources) {
            lock.lock();
            try {
                Path unsynced = directory.resolve(id(source) + UNSYNCED);
                if (Files.exists(unsynced)) {
                    force(unsynced);
                    Files.move(unsynced, directory.resolve(id(source) + SUFFIX), StandardCopyOption.ATOMIC_MOVE);
                }
            } finally {
                lock.unlock();
            }
        }
        force(directory);
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Removes the content of a manifest. */
    void remove(String source) throws IOException {
        lock.lock();
        try {
            Files.deleteIfExists(directory.resolve(id(source) + UNSYNCED));
            Files.deleteIfExists(directory.resolve(id(source) + SUFFIX));
        } finally {
            lock.unlock();
        }
    }

    private static String id(String source) {
        return PodIdentity.sha256(source).substring(0, 32);
    }
}
