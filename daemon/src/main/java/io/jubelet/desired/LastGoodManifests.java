package io.jubelet.desired;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last good content of each manifest on disk, so that a file which breaks while the daemon is down keeps its pods.
 *
 * <p>One file for each manifest, written beside and renamed, with a checksum in its first line: after a crash there is the
 * old one or the new one. A file that does not check out is reported and left out. Safe for several threads.
 */
final class LastGoodManifests {

    private static final Logger LOG = LoggerFactory.getLogger(LastGoodManifests.class);

    private static final String HEAD = "jubelet-last-good v1 sha256:";
    private static final String SUFFIX = ".json";
    private static final String TEMPORARY = ".tmp";

    private final Path directory;
    /** One writer at a time, so that nobody renames what another still writes. */
    private final ReentrantLock lock = new ReentrantLock();

    /**
     * What is kept of one manifest.
     *
     * @param source absolute path of the manifest
     * @param owns the pods, as namespace/name, that this manifest keeps against other files
     * @param documents its pods as JSON, in its order
     */
    record Content(String source, Set<String> owns, List<String> documents) {}

    LastGoodManifests(Path directory) {
        this.directory = directory;
    }

    /** Reads everything that is kept. Never fails: what cannot be read is logged and left out. */
    List<Content> load() {
        List<Content> contents = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return contents;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (file.toString().endsWith(TEMPORARY)) {
                    Files.deleteIfExists(file);
                } else if (file.toString().endsWith(SUFFIX)) {
                    loadOne(file, contents);
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            LOG.warn("cannot read the last good manifests in {}", directory, e);
        }
        return contents;
    }

    private void loadOne(Path file, List<Content> contents) {
        try {
            String text = Files.readString(file);
            int end = text.indexOf('\n');
            String body = text.substring(end + 1);
            boolean whole = end > 0
                    && text.startsWith(HEAD)
                    && text.substring(HEAD.length(), end).equals(PodIdentity.sha256(body));
            Content content = whole ? parse(body) : null;
            if (content == null || !file.equals(file(content.source()))) {
                LOG.warn("the last good manifest in {} is damaged and is left out", file);
                return;
            }
            contents.add(content);
        } catch (IOException e) {
            LOG.warn("the last good manifest in {} cannot be read and is left out: {}", file, e.toString());
        }
    }

    private static Content parse(String body) {
        Node root = Documents.readJson(body, new Findings());
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

    /** The text that is kept; equal texts need not be written again. */
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
        return HEAD + PodIdentity.sha256(body.toString()) + "\n" + body;
    }

    /** Writes the text of one manifest; it is sure to be on the disk after {@link #sync}. */
    void save(String source, String text) throws IOException {
        lock.lock();
        try {
            Files.createDirectories(directory);
            Path file = file(source);
            Path temporary = directory.resolve(file.getFileName() + TEMPORARY);
            try (FileChannel out = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a manifest. */
    void remove(String source) throws IOException {
        lock.lock();
        try {
            Files.deleteIfExists(file(source));
        } finally {
            lock.unlock();
        }
    }

    /** Brings renames to the disk. */
    void sync() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path file(String source) {
        return directory.resolve(PodIdentity.sha256(source).substring(0, 32) + SUFFIX);
    }
}
