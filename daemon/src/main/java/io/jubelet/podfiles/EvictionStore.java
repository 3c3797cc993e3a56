/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.document.FileProblem;
import io.jubelet.node.SecureDirectories;
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
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores which pod versions have exceeded a limit and when they may start again, in one file each,
 * because a restart of the daemon must not shorten their back-off. Failures are logged and have no
 * other effect.
 *
 * <p>Safe for use by many threads, provided that one thread at a time works on a version.
 */
final class EvictionStore {

    private static final Logger LOG = LoggerFactory.getLogger(EvictionStore.class);

    private final Path directory;

    /** @param times how often in a row the version has exceeded a limit soon after its start */
    record Evicted(Eviction eviction, int times) {

        /** The same eviction with another time of its end, if it has one. */
        Evicted until(UnaryOperator<Instant> change) {
            return new Evicted(new Eviction(eviction.message(), eviction.until().map(change)), times);
        }
    }

    EvictionStore(Path directory) {
        this.directory = directory;
    }

    /**
     * Reads all evictions by UID, and removes the files of versions that no longer exist.
     *
     * @param exists whether the node still stores something of a version
     */
    Map<String, Evicted> read(Predicate<String> exists) {
        Map<String, Evicted> all = new HashMap<>();
        if (!Files.isDirectory(directory)) {
            return all;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : SecureDirectories.entries(files)) {
                String uid = file.getFileName().toString();
                Optional<Evicted> evicted = exists.test(uid) ? parse(Files.readAllLines(file)) : Optional.empty();
                if (evicted.isPresent()) {
                    all.put(uid, evicted.get());
                } else {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            LOG.warn(
                    "cannot read the evictions of earlier runs: directory={} error=\"{}\"",
                    directory,
                    FileProblem.of(e));
        }
        return all;
    }

    /** Parses three lines: how often, until when (or an empty line), and why. */
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
            LOG.warn("cannot record the eviction of a pod version: uid={} error=\"{}\"", uid, FileProblem.of(e));
        }
    }

    void remove(String uid) {
        try {
            Files.deleteIfExists(directory.resolve(uid));
        } catch (IOException e) {
            LOG.warn(
                    "cannot remove the recorded eviction of a pod version: uid={} error=\"{}\"",
                    uid,
                    FileProblem.of(e));
        }
    }
}
