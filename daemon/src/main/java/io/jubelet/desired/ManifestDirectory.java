/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.concurrent.Backoff;
import io.jubelet.concurrent.Threads;
import io.jubelet.concurrent.Wakeup;
import io.jubelet.events.EventRecorder;
import io.jubelet.node.OpenWriters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the manifest directory and publishes the pods that it declares.
 *
 * <p>Each scan lists the whole directory and compares it with the scan before. File events only
 * make the next scan happen earlier, so that a lost event costs time and nothing else. Scans run on
 * one virtual thread, {@code manifests}; {@link #current} may be called from any thread.
 */
public final class ManifestDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ManifestDirectory.class);

    private static final Duration FIRST_SCAN_LIMIT = Duration.ofSeconds(2);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

    private final ManifestSource source;
    private final Path path;
    private final DirectoryScan scan;
    private final InstantSource monotonic;
    private final Runnable wake;
    private final boolean watches;
    private final Wakeup stop = new Wakeup();
    private final ScanBudget budget = new ScanBudget();

    private @Nullable DirectoryWatch watch;
    private @Nullable Thread thread;
    private volatile DesiredPods current = DesiredPods.NONE;
    private volatile boolean closed;

    /**
     * Creates a watcher that reads nothing before {@link #start}.
     *
     * @param source where the manifests come from
     * @param stateDirectory where last good content is stored, such as /var/lib/jubelet/manifests
     * @param budget the memory for the content of the manifests
     * @param clock for {@link Manifest#since}
     * @param events where changes of the directory itself are recorded
     * @param wake called after each change of {@link #current}, from the thread of this class; must
     *     not block
     */
    public ManifestDirectory(
            ManifestSource source,
            Path stateDirectory,
            ManifestBudget budget,
            InstantSource clock,
            EventRecorder events,
            Runnable wake) {
        this(source, stateDirectory, budget, clock, events, wake, true);
    }

    /**
     * As the other constructor; without {@code watches} no event is ever delivered, as if all were
     * lost.
     */
    ManifestDirectory(
            ManifestSource source,
            Path stateDirectory,
            ManifestBudget budget,
            InstantSource clock,
            EventRecorder events,
            Runnable wake,
            boolean watches) {
        this.source = source;
        this.path = source.path();
        this.scan = new DirectoryScan(
                source,
                clock,
                new OpenWriters(),
                new LastGoodStore(stateDirectory),
                work -> Threads.startVirtual("manifest-store", work),
                budget,
                events);
        this.monotonic = monotonicClock(clock.instant());
        this.wake = wake;
        this.watches = watches;
    }

    /** A clock that a change of the system time does not affect. */
    private static InstantSource monotonicClock(Instant start) {
        long zero = System.nanoTime();
        return () -> start.plusNanos(System.nanoTime() - zero);
    }

    /**
     * Scans the directory and starts to watch it. When this returns, {@link #current} shows the
     * whole directory, unless a file was being written for longer than two seconds.
     */
    public void start() throws InterruptedException {
        Instant enough = monotonic.instant().plus(FIRST_SCAN_LIMIT);
        scan.restore();
        if (watches) {
            try {
                watch = new DirectoryWatch(path);
            } catch (IOException e) {
                LOG.warn("cannot watch {}, polling it every second instead: {}", path, e.getMessage());
            }
        }
        DesiredPods first = scan();
        while (!scan.allRead() && monotonic.instant().isBefore(enough)) {
            await();
            first = scan();
        }
        publish(first);
        thread = Threads.startVirtual("manifests", this::run);
    }

    /** How the directory is read. */
    public ManifestSource source() {
        return source;
    }

    /** The pods that are desired now. */
    public DesiredPods current() {
        return current;
    }

    private void run() {
        int failures = 0;
        while (!closed) {
            try {
                await();
                Duration pause = budget.pause(monotonic.instant());
                if (pause.isPositive() && stop.awaitFor(pause)) {
                    return;
                }
                publish(scan());
                failures = 0;
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                failures++;
                Duration pause = BACKOFF.delay(failures);
                LOG.error("internal error while scanning {}; retrying in {}", path, pause, e);
                try {
                    stop.awaitFor(pause);
                } catch (InterruptedException _) {
                    return;
                }
            }
        }
    }

    private DesiredPods scan() {
        boolean eventsAvailable = watch != null && watch.refresh();
        boolean recreated = watch != null && watch.takeRecreated();
        Instant begin = monotonic.instant();
        DesiredPods next = scan.take(begin, eventsAvailable || !watches, recreated);
        // The first one counts too: what it leaves to confirm would delay the start of thousands of pods.
        budget.took(begin, monotonic.instant());
        return next;
    }

    private void publish(DesiredPods next) {
        if (next != current) {
            current = next;
            wake.run();
        }
    }

    private void await() throws InterruptedException {
        long millis = Duration.between(monotonic.instant(), scan.nextScanAt())
                .plusNanos(999_999)
                .toMillis();
        if (millis <= 0) {
            return;
        }
        if (watch == null) {
            stop.awaitMillis(millis);
        } else {
            watch.await(millis);
        }
    }

    /** Stops watching and waits for the thread to end. {@link #current} stays as it is. */
    @Override
    public void close() {
        closed = true;
        stop.signal();
        if (thread != null) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        scan.save();
        if (watch != null) {
            try {
                watch.close();
            } catch (IOException e) {
                LOG.debug("failed to close the watch of {}", path, e);
            }
        }
    }
}
