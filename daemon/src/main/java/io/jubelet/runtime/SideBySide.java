package io.jubelet.runtime;

import io.jubelet.concurrent.Threads;
import io.jubelet.cri.CriException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Runs several blocking works at once and waits for all; a schedule test runs them one after the other instead. */
public sealed interface SideBySide {

    /**
     * Runs all works.
     *
     * @throws CriException the first failure, the others suppressed, after all have ended
     */
    void run(List<Runnable> works);

    /** Each but the first on a virtual thread. */
    record Threaded() implements SideBySide {
        @Override
        public void run(List<Runnable> works) {
            ConcurrentLinkedQueue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
            List<Thread> threads = new ArrayList<>();
            for (Runnable work : works.subList(1, works.size())) {
                threads.add(Threads.startVirtual("stop", () -> guarded(work, failures)));
            }
            guarded(works.getFirst(), failures);
            try {
                for (Thread thread : threads) {
                    thread.join();
                }
            } catch (InterruptedException e) {
                threads.forEach(Thread::interrupt);
                Thread.currentThread().interrupt();
                throw new CriException.Cancelled(
                        "StopContainer", "interrupted while waiting for containers to stop", e);
            }
            rethrow(failures);
        }

        private static void guarded(Runnable work, ConcurrentLinkedQueue<RuntimeException> failures) {
            try {
                work.run();
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }

        private static void rethrow(ConcurrentLinkedQueue<RuntimeException> failures) {
            RuntimeException first = failures.poll();
            if (first != null) {
                failures.forEach(first::addSuppressed);
                throw first;
            }
        }
    }

    /** One after the other on the caller's thread. */
    record InTurn() implements SideBySide {
        @Override
        public void run(List<Runnable> works) {
            works.forEach(Runnable::run);
        }
    }
}
