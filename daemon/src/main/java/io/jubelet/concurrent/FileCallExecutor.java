/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes file calls that might never return, such as those on a path whose file server is gone.
 *
 * <p>Such a call holds its thread, and a virtual thread that is in a file call holds its carrier, of which there are only as many
 * as processors. So each call gets a platform thread, which ends with it, and the caller waits for a limited time. There is at
 * most one such thread for each key, such as a version of a pod: while a call does not return, further calls with its key fail
 * at once. An owner, such as a pod, has at most {@value #MAX_THREADS} such threads, however many keys it uses.
 *
 * <p>Safe for use by many threads.
 */
public final class FileCallExecutor {

    /** How long a call may take before its path counts as hanging. */
    public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(5);

    private static final int MAX_THREADS = 3;

    private final Duration limit;

    /** By the owner and the id. */
    private final ConcurrentHashMap<String, Execution<?>> executions = new ConcurrentHashMap<>();

    /** @param limit how long the caller waits for a call */
    public FileCallExecutor(Duration limit) {
        this.limit = Objects.requireNonNull(limit, "limit");
    }

    /** One or more file calls, one after the other. */
    @FunctionalInterface
    public interface Call<T> {

        /** @param path to be set to the path of each call before it is made, so that a call that hangs can be named */
        T make(CurrentPath path) throws IOException, InterruptedException;
    }

    /** The path of the call that is being made. */
    public static final class CurrentPath {
        private volatile @Nullable Path path;

        public void set(Path now) {
            path = now;
        }
    }

    /** A call on a path has not returned in time. It goes on. The message is a sentence for the user. */
    public static final class NotRespondingException extends IOException {
        private static final long serialVersionUID = 1L;

        NotRespondingException(String path, Duration limit) {
            super(path + " does not respond: a call on this path has not returned for " + limit.toSeconds() + " s");
        }
    }

    /**
     * Makes a call on a platform thread and waits for its result.
     *
     * @param owner on whose behalf the call is made, for the limit of threads and their names
     * @param id identifies what the call is made for among the calls of the owner
     * @throws NotRespondingException if the call, or an earlier one with this key, does not return in time
     * @throws IOException if the call throws it
     */
    public <T> T run(String owner, String id, Call<T> call) throws IOException, InterruptedException {
        long start = System.nanoTime();
        String key = owner + "\n" + id;
        requireThread(owner, key, start);
        Execution<T> execution = new Execution<>(owner, key, call);
        for (Execution<?> earlier = executions.putIfAbsent(key, execution);
                earlier != null;
                earlier = executions.putIfAbsent(key, execution)) {
            earlier.await(start);
        }
        Threads.startPlatform("file-calls/" + owner, execution);
        execution.await(start);
        return execution.result();
    }

    /** Fails like one of the calls that hang if the owner has as many of them as it may. */
    private void requireThread(String owner, String key, long start)
            throws NotRespondingException, InterruptedException {
        if (executions.isEmpty() || executions.containsKey(key)) {
            return;
        }
        List<Execution<?>> others = new ArrayList<>();
        for (Execution<?> execution : executions.values()) {
            if (execution.owner.equals(owner)) {
                others.add(execution);
            }
        }
        if (others.size() >= MAX_THREADS) {
            others.getFirst().await(start);
        }
    }

    private final class Execution<T> implements Runnable {
        private final String owner;
        private final String key;
        private final Call<T> call;
        private final CurrentPath path = new CurrentPath();
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile boolean overdue;
        /** Written before the latch is counted down, as are the next two. */
        private @Nullable T result;

        private @Nullable IOException failure;
        private @Nullable RuntimeException bug;

        Execution(String owner, String key, Call<T> call) {
            this.owner = owner;
            this.key = key;
            this.call = call;
        }

        @Override
        public void run() {
            try {
                result = call.make(path);
            } catch (IOException e) {
                failure = e;
            } catch (InterruptedException e) {
                failure = new IOException("interrupted", e);
            } catch (RuntimeException e) {
                bug = e;
            } finally {
                executions.remove(key, this);
                ended.countDown();
            }
        }

        /** Waits for the end of the call, up to the limit from {@code start} on. */
        void await(long start) throws NotRespondingException, InterruptedException {
            long left = overdue ? 0 : limit.toNanos() - (System.nanoTime() - start);
            if (!ended.await(left, TimeUnit.NANOSECONDS)) {
                overdue = true;
                Path hanging = path.path;
                throw new NotRespondingException(
                        hanging == null ? "the file system for " + owner : hanging.toString(), limit);
            }
        }

        T result() throws IOException {
            if (failure != null) {
                throw failure;
            }
            if (bug != null) {
                throw bug;
            }
            return Objects.requireNonNull(result, "a call must not return null");
        }
    }
}
