/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.plan.PodEnd;
import io.jubelet.pod.PodStatus.Phase;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores how pod versions have ended for good, in a file in the directory of each, because the runtime forgets it when an
 * administrator removes the containers, and the pod would run again. Failures are logged and have no other effect: the
 * containers on the runtime show the end as well.
 *
 * <p>Safe for use by many threads, provided that one thread at a time works on a version.
 */
public final class EndStore {

    private static final Logger LOG = LoggerFactory.getLogger(EndStore.class);

    /** Stands for a time that is not known. */
    private static final String UNKNOWN = "-";

    private final PodDirectories directories;
    /** What the files contain, or should contain. */
    private final Map<String, PodEnd> ends = new ConcurrentHashMap<>();
    /** The versions whose file could not be written, because the disk was full for example. */
    private final Set<String> unstored = ConcurrentHashMap.newKeySet();

    public EndStore(PodDirectories directories) {
        this.directories = directories;
    }

    /** How a version has ended; empty if it has not. Tries again to store what could not be stored. */
    public Optional<PodEnd> read(String uid) {
        PodEnd known = ends.get(uid);
        if (known != null) {
            if (!unstored.isEmpty() && unstored.contains(uid)) {
                store(uid, known);
            }
            return Optional.of(known);
        }
        try {
            Optional<PodEnd> stored = directories.end(uid).flatMap(EndStore::parse);
            stored.ifPresent(end -> ends.put(uid, end));
            return stored;
        } catch (IOException e) {
            LOG.warn("cannot read how a pod version has ended: uid={} error=\"{}\"", uid, e.toString());
            return Optional.empty();
        }
    }

    /** Stores durably how a version has ended. */
    public void write(String uid, PodEnd end) {
        ends.put(uid, end);
        store(uid, end);
    }

    private void store(String uid, PodEnd end) {
        try {
            directories.storeEnd(uid, text(end));
            unstored.remove(uid);
        } catch (IOException e) {
            if (unstored.add(uid)) {
                LOG.warn("cannot record yet how a pod version has ended: uid={} error=\"{}\"", uid, e.toString());
            }
        }
    }

    /** Takes note that the directory of a version is removed. */
    public void forget(String uid) {
        ends.remove(uid);
        unstored.remove(uid);
    }

    /** Three lines of phase, reason and message, and then one for each container. */
    static String text(PodEnd end) {
        StringBuilder text = new StringBuilder()
                .append(end.phase())
                .append('\n')
                .append(end.reason().orElse(""))
                .append('\n')
                .append(oneLine(end.message().orElse("")))
                .append('\n');
        for (PodEnd.Container container : end.containers()) {
            text.append(container.name())
                    .append(' ')
                    .append(container.attempt())
                    .append(' ')
                    .append(container.exitCode())
                    .append(' ')
                    .append(text(container.startedAt()))
                    .append(' ')
                    .append(text(container.finishedAt()))
                    .append(' ')
                    .append(oneLine(container.reason().orElse("")))
                    .append('\n');
        }
        return text.toString();
    }

    private static String text(@Nullable Instant moment) {
        return moment == null ? UNKNOWN : moment.toString();
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ').replace('\r', ' ');
    }

    /** Parses what {@link #text} returned; empty if it is anything else, such as a file that a power failure truncated. */
    static Optional<PodEnd> parse(String text) {
        try {
            List<String> lines = text.lines().toList();
            List<PodEnd.Container> containers = new ArrayList<>();
            for (String line : lines.subList(3, lines.size())) {
                String[] words = line.split(" ", 6);
                containers.add(new PodEnd.Container(
                        words[0],
                        Integer.parseInt(words[1]),
                        Integer.parseInt(words[2]),
                        present(words[5]),
                        moment(words[3]),
                        moment(words[4])));
            }
            return text.endsWith("\n")
                    ? Optional.of(new PodEnd(
                            Phase.valueOf(lines.get(0)), present(lines.get(1)), present(lines.get(2)), containers))
                    : Optional.empty();
        } catch (IllegalArgumentException | DateTimeException | IndexOutOfBoundsException _) {
            return Optional.empty();
        }
    }

    private static Optional<String> present(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static @Nullable Instant moment(String text) {
        return text.equals(UNKNOWN) ? null : Instant.parse(text);
    }
}
