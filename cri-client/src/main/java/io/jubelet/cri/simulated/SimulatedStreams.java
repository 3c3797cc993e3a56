/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.StreamOptions;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The streams that a simulated runtime was asked to prepare. It has no streaming server of its own: a test names one, which
 * finds what each URL means here. Safe for use by many threads.
 */
public final class SimulatedStreams {

    /** What was prepared. */
    public sealed interface Prepared {
        /** A command in a container. */
        record Exec(ContainerId container, List<String> command, StreamOptions options) implements Prepared {}

        /** The first process of a container. */
        record Attach(ContainerId container, StreamOptions options) implements Prepared {}

        /** Ports of a sandbox; none if the streams name them. */
        record PortForward(PodSandboxId sandbox, List<Integer> ports) implements Prepared {}
    }

    private final Map<String, Prepared> prepared = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();
    private volatile @Nullable URI server;

    SimulatedStreams() {}

    /**
     * Sets the address of the streaming server. Before that, the calls fail as on a runtime that lacks them.
     *
     * @param base such as {@code http://127.0.0.1:1234/}
     */
    public void servedAt(URI base) {
        server = Objects.requireNonNull(base, "base");
    }

    /** Returns what the path of a URL means, once: another request for it gets nothing. */
    public Optional<Prepared> take(String path) {
        return Optional.ofNullable(prepared.remove(path));
    }

    boolean served() {
        return server != null;
    }

    URI prepare(Prepared stream) {
        String kind = switch (stream) {
            case Prepared.Exec _ -> "exec";
            case Prepared.Attach _ -> "attach";
            case Prepared.PortForward _ -> "portforward";
        };
        URI url = Objects.requireNonNull(server, "served").resolve("/" + kind + "/" + next.incrementAndGet());
        prepared.put(url.getPath(), stream);
        return url;
    }
}
