/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.FileProblem;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the manifest directory and its parents for changes. An event says only that a scan is
 * needed.
 *
 * <p>Watches the directory, and its parent for the moment when the directory itself is replaced;
 * while the directory is missing, its nearest existing ancestor. Used by one thread; {@link #close}
 * from any.
 */
final class DirectoryWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);

    private static final WatchEvent.Kind<?>[] NAMES = {
        StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE
    };
    private static final WatchEvent.Kind<?>[] ALL = {
        StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE, StandardWatchEventKinds.ENTRY_MODIFY
    };

    private final Path path;
    private final WatchService service;
    private final Map<WatchKey, Watched> keys = new HashMap<>();
    private boolean complete;
    private boolean recreated;
    private String lastProblem = "";

    /**
     * Which changes in a directory are relevant.
     *
     * @param name the only relevant entry, or null if all are
     * @param content whether writes to entries are relevant: a busy file beside the manifest
     *     directory must not cause scans
     */
    private record Filter(@Nullable Path name, boolean content) {

        boolean same(@Nullable Filter other) {
            return other != null && content == other.content && Objects.equals(name, other.name);
        }
    }

    private record Watched(Path directory, Object fileKey, Filter filter) {}

    /** @param path the directory, or the single file, that manifests come from */
    DirectoryWatch(Path path) throws IOException {
        this.path = path;
        this.service = path.getFileSystem().newWatchService();
    }

    /**
     * Registers watches for what exists now; cheap if nothing was replaced.
     *
     * @return whether changes will be reported; otherwise the caller must poll
     */
    boolean refresh() {
        Map<Path, Filter> wanted = new HashMap<>();
        boolean directory = Files.isDirectory(path);
        if (directory) {
            wanted.put(path, new Filter(null, true));
        }
        Path child = path;
        Path parent = path.getParent();
        while (parent != null && !Files.isDirectory(parent)) {
            child = parent;
            parent = parent.getParent();
        }
        if (parent != null) {
            wanted.put(parent, new Filter(child.getFileName(), !directory));
        }
        Set<Path> watched = new HashSet<>();
        keys.entrySet().removeIf(entry -> !keep(entry.getKey(), entry.getValue(), wanted, watched));
        complete = true;
        wanted.forEach((where, filter) -> {
            if (!watched.contains(where)) {
                register(where, filter);
            }
        });
        return complete && (directory || Files.isRegularFile(path));
    }

    /**
     * Whether the watch of the directory itself has ended since the last call, because the directory
     * was deleted or unmounted. A new directory might have the inode of the deleted one.
     */
    boolean takeRecreated() {
        boolean taken = recreated;
        recreated = false;
        return taken;
    }

    private boolean keep(WatchKey key, Watched watch, Map<Path, Filter> wanted, Set<Path> watched) {
        recreated |= !key.isValid() && watch.directory().equals(path);
        boolean same = watch.filter().same(wanted.get(watch.directory()))
                && key.isValid()
                && watch.fileKey().equals(fileKey(watch.directory()));
        if (same) {
            watched.add(watch.directory());
        } else {
            key.cancel();
        }
        return same;
    }

    private void register(Path directory, Filter filter) {
        try {
            Object fileKey = fileKey(directory);
            WatchKey key = directory.register(service, filter.content() ? ALL : NAMES);
            keys.put(key, new Watched(directory, fileKey, filter));
            lastProblem = "";
        } catch (IOException e) {
            complete = false;
            String problem = FileProblem.reason(e);
            if (!problem.equals(lastProblem)) {
                lastProblem = problem;
                LOG.warn("cannot watch {}, polling it every second instead: {}", directory, problem);
            }
        }
    }

    /** The identity of a directory; an object that equals nothing if it does not exist. */
    private static Object fileKey(Path directory) {
        try {
            return Files.readAttributes(directory, java.nio.file.attribute.BasicFileAttributes.class)
                    .fileKey();
        } catch (IOException e) {
            return new Object();
        }
    }

    /** Waits until something may have changed, but no longer than {@code millis}. */
    void await(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            boolean changed = false;
            while (!changed) {
                WatchKey key = service.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (key == null) {
                    return;
                }
                while (key != null) {
                    changed |= isRelevant(key);
                    key = service.poll();
                }
            }
        } catch (ClosedWatchServiceException _) {
            throw new InterruptedException("closed");
        }
    }

    private boolean isRelevant(WatchKey key) {
        Watched watch = keys.get(key);
        Path name = watch == null ? null : watch.filter().name();
        boolean isRelevant = name == null;
        for (WatchEvent<?> event : key.pollEvents()) {
            isRelevant |= event.context() == null || event.context().equals(name);
        }
        return !key.reset() || isRelevant;
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
