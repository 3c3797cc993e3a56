/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.confinement;

import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StatusResponse;
import io.jubelet.cri.StatusResponse.RuntimeHandler;
import io.jubelet.cri.VersionResponse;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The features that the runtime reports. The runtime is queried when a pod first needs to know, and
 * again after a restart of the runtime, which may be another version then.
 *
 * <p>Safe for use by many threads.
 */
final class SupportedFeatures {

    private final RuntimeService runtime;
    private final Supplier<Object> incarnation;
    private final ReentrantLock lock = new ReentrantLock();

    /**
     * The last report; null before the first query. Guarded by the lock, as are the next two
     * fields.
     */
    private @Nullable StatusResponse status;

    /** The version since the last report; null before it is queried. */
    private @Nullable VersionResponse version;

    /** The incarnation of the runtime that sent the report. */
    private @Nullable Object reporter;

    /** @param incarnation a value that differs after each restart of the runtime */
    SupportedFeatures(RuntimeService runtime, Supplier<Object> incarnation) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.incarnation = Objects.requireNonNull(incarnation, "incarnation");
    }

    /** Whether it can omit the groups that an image assigns to its user. */
    boolean strictGroups() {
        StatusResponse.RuntimeFeatures features = status().features();
        return features != null && features.supplementalGroupsPolicy();
    }

    /** Whether it reports its handlers and this one is not among them. */
    boolean lacks(String handler) {
        return !status().runtimeHandlers().isEmpty() && handler(handler).isEmpty();
    }

    /** Whether pods of a handler can have user namespaces. */
    boolean userNamespaces(String handler) {
        return handler(handler)
                .map(RuntimeHandler::features)
                .filter(features -> features.userNamespaces())
                .isPresent();
    }

    /** Whether a handler supports recursive read-only mounts. */
    boolean recursiveReadOnly(String handler) {
        return handler(handler)
                .map(RuntimeHandler::features)
                .filter(features -> features.recursiveReadOnlyMounts())
                .isPresent();
    }

    /**
     * Why images cannot be mounted as volumes; empty if they can. The CRI does not report that
     * feature, so the version of the runtime decides. A runtime without it ignores the fields:
     * containerd 1 then fails because the mount has no path, and containerd 2.1 mounts the whole
     * image instead of a part (containerd issue 11580).
     *
     * @param parts whether the pod mounts parts of images
     */
    Optional<String> imageVolumeProblem(boolean parts) {
        VersionResponse present = version();
        int first = switch (present.runtimeName()) {
            case "containerd" -> parts ? 2_002 : 2_001;
            case "cri-o" -> parts ? 1_033 : 1_031;
            default -> 0;
        };
        return number(present.runtimeVersion()) >= first
                ? Optional.empty()
                : Optional.of("the runtime cannot mount " + (parts ? "parts of images (subPath)" : "images")
                        + " as volumes: " + present.runtimeName() + " can since version " + first / 1000 + "."
                        + first % 1000 + ", and this is " + present.runtimeVersion());
    }

    private Optional<RuntimeHandler> handler(String name) {
        return status().runtimeHandlers().stream()
                .filter(handler -> handler.name().equals(name))
                .findFirst();
    }

    private StatusResponse status() {
        lock.lock();
        try {
            Object now = incarnation.get();
            StatusResponse known = status;
            if (known == null || !now.equals(reporter)) {
                known = runtime.status(false);
                status = known;
                reporter = now;
                version = null;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private VersionResponse version() {
        lock.lock();
        try {
            status();
            VersionResponse known = version;
            if (known == null) {
                known = runtime.version();
                version = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Parses a version such as {@code v2.1.9} or {@code 1.6.20~ds1} into 1000 * major + minor; 0 if
     * it is malformed.
     */
    private static int number(String version) {
        int number = 0;
        int at = version.startsWith("v") ? 1 : 0;
        for (int part = 0; part < 2; part++, at++) {
            int value = 0;
            for (; at < version.length() && version.charAt(at) >= '0' && version.charAt(at) <= '9'; at++) {
                value = Math.min(999, value * 10 + version.charAt(at) - '0');
            }
            number = number * 1000 + value;
        }
        return number;
    }
}
