/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers on the disk which large input is being handled, so that one that ends the daemon does so once: the next process
 * refuses it by name and handles the rest.
 *
 * <p>Running out of memory ends the process at once ({@code -XX:+ExitOnOutOfMemoryError}, or the kernel), and nothing of it can
 * say why. So each handling of {@link #LARGE} bytes or more has a file from its beginning to its end. A file that the next
 * process finds stands for work that was never finished. Smaller input has none, because it cannot take the memory that is kept
 * free for it, and because a process that is killed for another reason must not leave suspects. When several large inputs were
 * in hand, all of them are refused: each had a part in the memory, and each is named.
 *
 * <p>The files are not synced, since they need to outlive the process and not the machine. Those of an earlier boot are
 * removed. Safe for use by many threads.
 */
public final class UnfinishedWork {

    /** The size in bytes from which input is large: a document of this size takes about 4 MB while it is read. */
    public static final int LARGE = 64 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(UnfinishedWork.class);

    private static final String BEGUN = ".begun";
    private static final String REFUSED = ".refused";
    private static final int LINES = 4;

    private final Path directory;
    private final String boot;
    private final InstantSource clock;
    private final Map<String, Refused> refused = new ConcurrentHashMap<>();

    private record Refused(String version, String when, Path file) {}

    /** Work in hand, which ends when this is closed. */
    public static final class Handling implements AutoCloseable {
        private final Path file;

        private Handling(Path file) {
            this.file = file;
        }

        @Override
        public void close() {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LOG.warn("cannot remove {}: {}", file, e.toString());
            }
        }
    }

    private UnfinishedWork(Path directory, String boot, InstantSource clock) {
        this.directory = directory;
        this.boot = boot;
        this.clock = clock;
    }

    /**
     * Reads what earlier processes left unfinished. Never fails: what cannot be read is logged and ignored.
     *
     * @param directory made when it is needed; no other process may use it
     */
    public static UnfinishedWork open(Path directory, InstantSource clock) {
        return open(directory, bootId(), clock);
    }

    static UnfinishedWork open(Path directory, String boot, InstantSource clock) {
        UnfinishedWork work = new UnfinishedWork(directory, boot, clock);
        if (Files.isDirectory(directory)) {
            work.load();
        }
        return work;
    }

    private static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "unknown"; // then files of an earlier boot count, too
        }
    }

    private void load() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                load(file);
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            LOG.warn("cannot read what was unfinished in {}: {}", directory, e.toString());
        }
    }

    private void load(Path file) throws IOException {
        String name = file.getFileName().toString();
        List<String> lines = Files.readAllLines(file);
        boolean begun = name.endsWith(BEGUN);
        if (lines.size() != LINES || (begun && !lines.get(2).equals(boot))) {
            Files.deleteIfExists(file);
            return;
        }
        Path kept = file;
        if (begun) {
            kept = directory.resolve(name.substring(0, name.length() - BEGUN.length()) + REFUSED);
            Files.move(file, kept, StandardCopyOption.ATOMIC_MOVE);
            LOG.error(
                    "the daemon ended at or after {} while {} was in hand, as it does when it runs out of memory; it is"
                            + " refused from now on",
                    lines.get(3),
                    lines.get(0));
        }
        refused.put(lines.get(0), new Refused(lines.get(1), lines.get(3), kept));
    }

    /**
     * Why an input must not be handled; empty if it can be.
     *
     * @param what names the input, such as the path of a file
     * @param version of its content; another one than that which was unfinished is handled again
     */
    public Optional<String> refusal(String what, String version) {
        Refused found = refused.isEmpty() ? null : refused.get(oneLine(what));
        if (found == null) {
            return Optional.empty();
        }
        if (found.version().equals(version) && Files.exists(found.file())) {
            return Optional.of("was in hand when the daemon ended at or after " + found.when()
                    + ", as it does when it runs out of memory; it is refused until it changes or " + found.file()
                    + " is removed");
        }
        refused.remove(oneLine(what), found);
        new Handling(found.file()).close();
        return Optional.empty();
    }

    /**
     * Begins to handle an input of {@link #LARGE} bytes or more.
     *
     * @param what names the input in one line
     * @param version of its content, in one line
     */
    public Handling begin(String what, String version) {
        CRC32C id = new CRC32C();
        id.update(oneLine(what).getBytes(StandardCharsets.UTF_8));
        Path file = directory.resolve(HexFormat.of().toHexDigits((int) id.getValue()) + BEGUN);
        String text = String.join(
                        "\n",
                        oneLine(what),
                        version,
                        boot,
                        Instant.ofEpochSecond(clock.instant().getEpochSecond()).toString())
                + "\n";
        try {
            write(file, text);
        } catch (IOException e) {
            LOG.warn("cannot remember that {} is in hand: {}", what, e.toString());
        }
        return new Handling(file);
    }

    private void write(Path file, String text) throws IOException {
        try {
            Files.writeString(file, text);
        } catch (NoSuchFileException _) {
            Files.createDirectories(directory);
            Files.writeString(file, text);
        }
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ').replace('\r', ' ');
    }
}
