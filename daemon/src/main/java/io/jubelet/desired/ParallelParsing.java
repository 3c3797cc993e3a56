/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.concurrent.Threads;
import io.jubelet.manifest.ManifestFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Parses the manifests of a large directory on all processors, because parsing is most of the work of its first scan. Entries
 * take what was parsed one after the other, in the order in which they were added. Confined to the thread of the scan.
 */
final class ParallelParsing {

    /** How many files must be found before it is worth the threads: more than most nodes have pods. */
    static final int MIN_FILES = 256;

    /** How many files are parsed together. Their pods are in memory before it is known whether the budget has room. */
    private static final int BATCH = 64;

    /** How many bytes of files are parsed together; what is parsed can take ten times as much. */
    private static final int BATCH_BYTES = 256 << 10;

    private final int threads;
    private final List<UnparsedContent> batch = new ArrayList<>();
    private int bytes;

    /** @param files how many there are in the directory */
    ParallelParsing(int files) {
        this(files, Runtime.getRuntime().availableProcessors());
    }

    /** @param processors how many threads parse a large directory */
    ParallelParsing(int files, int processors) {
        this.threads = files < MIN_FILES ? 1 : processors;
    }

    /** Has content taken, now or with the next batch. */
    void add(UnparsedContent content) {
        if (threads == 1) {
            content.take();
            return;
        }
        if (content.isLarge()) {
            finish();
            content.take();
            return;
        }
        batch.add(content);
        bytes += content.content().length;
        if (batch.size() == BATCH || bytes >= BATCH_BYTES) {
            finish();
        }
    }

    /** Has everything taken that was added. */
    void finish() {
        if (batch.isEmpty()) {
            return;
        }
        AtomicReferenceArray<ManifestFile> parsed = new AtomicReferenceArray<>(batch.size());
        AtomicInteger next = new AtomicInteger();
        Runnable work = () -> {
            for (int i = next.getAndIncrement(); i < parsed.length(); i = next.getAndIncrement()) {
                parsed.set(i, batch.get(i).parse());
            }
        };
        List<BackgroundTask> others = new ArrayList<>();
        for (int i = 1; i < Math.min(threads, batch.size()); i++) {
            others.add(Threads.startTask("manifest-parser", work));
        }
        work.run();
        for (BackgroundTask other : others) {
            awaitEnd(other);
        }
        for (int i = 0; i < parsed.length(); i++) {
            batch.get(i).entry().take(Objects.requireNonNull(parsed.get(i), "what was parsed"));
        }
        batch.clear();
        bytes = 0;
    }

    /** An interrupt ends the scan after this one, because the rest of a batch takes milliseconds. */
    private static void awaitEnd(BackgroundTask task) {
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                task.awaitEnd();
                ended = true;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
