package io.jubelet.podfiles;

import io.jubelet.plan.Eviction;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which versions of pods have exceeded a limit, and when they may begin again, in a file for each: for a pod must not begin
 * again at once because the daemon has. What cannot be kept is told and otherwise without effect. Safe for use by many
 * threads, as long as each version is in the hands of one of them at a time.
 */
final class EvictionStore {

    private static final Logger LOG = LoggerFactory.getLogger(EvictionStore.class);

    private final Path directory;

    /** @param times in a row, each before the pod had run for long */
    record Evicted(Eviction eviction, int times) {}

    EvictionStore(Path directory) {
        this.directory = directory;
    }

    /**
     * What there is, by UID; what is of no version any more is removed.
     *
     * @param exists whether there is still something of a version
     */
    Map<String, Evicted> read(Predicate<String> exists) {
        Map<String, Evicted> all = new HashMap<>();
        if (!Files.isDirectory(directory)) {
            return all;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String uid = file.getFileName().toString();
                Optional<Evicted> evicted = exists.test(uid) ? parse(Files.readAllLines(file)) : Optional.empty();
                if (evicted.isPresent()) {
                    all.put(uid, evicted.get());
                } else {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            LOG.warn("which pods have exceeded a limit cannot be read: {}", e.toString());
        }
        return all;
    }

    /** How often, until when or an empty line, and why. */
    private static Optional<Evicted> parse(List<String> lines) {
        try {
            Optional<Instant> until =
                    Optional.of(lines.get(1)).filter(text -> !text.isEmpty()).map(Instant::parse);
            int times = Integer.parseInt(lines.get(0));
            return times < 1 ? Optional.empty() : Optional.of(new Evicted(new Eviction(lines.get(2), until), times));
        } catch (DateTimeException | NumberFormatException | IndexOutOfBoundsException _) {
            return Optional.empty();
        }
    }

    void write(String uid, Evicted evicted) {
        try {
            Files.createDirectories(directory);
            Path fresh = directory.resolve(uid + ".tmp");
            String until = evicted.eviction().until().map(Instant::toString).orElse("");
            Files.writeString(
                    fresh,
                    evicted.times() + "\n" + until + "\n" + evicted.eviction().message() + "\n");
            Files.move(fresh, directory.resolve(uid), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("that pod version {} has exceeded a limit cannot be kept: {}", uid, e.toString());
        }
    }

    void remove(String uid) {
        try {
            Files.deleteIfExists(directory.resolve(uid));
        } catch (IOException e) {
            LOG.warn("that pod version {} had exceeded a limit cannot be forgotten: {}", uid, e.toString());
        }
    }
}
