package io.jubelet.confinement;

import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StatusResponse;
import io.jubelet.cri.StatusResponse.RuntimeHandler;
import io.jubelet.cri.VersionResponse;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What the runtime says it can do. It is asked when a pod first needs to know, and again only after it was started anew:
 * it may be another version then. Safe for use by many threads.
 */
final class SupportedFeatures {

    private final RuntimeService runtime;
    private final Supplier<Object> incarnation;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock, as is the next one; null before the first question. */
    private StatusResponse known;

    /** Null when it was not asked since then. */
    private VersionResponse version;

    private Object knownOf;

    /** @param incarnation something that is no longer equal when the runtime was started anew */
    SupportedFeatures(RuntimeService runtime, Supplier<Object> incarnation) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.incarnation = Objects.requireNonNull(incarnation, "incarnation");
    }

    /** Whether it can leave out the groups that an image gives its user. */
    boolean strictGroups() {
        StatusResponse.RuntimeFeatures features = status().features();
        return features != null && features.supplementalGroupsPolicy();
    }

    /** Whether it tells its handlers, and this one is not among them. */
    boolean lacks(String handler) {
        return !status().runtimeHandlers().isEmpty() && handler(handler).isEmpty();
    }

    /** Whether pods run by a handler can have a user namespace. */
    boolean userNamespaces(String handler) {
        return handler(handler)
                .map(RuntimeHandler::features)
                .filter(features -> features.userNamespaces())
                .isPresent();
    }

    /** Whether a handler can make a mount read-only with all that is mounted below it. */
    boolean recursiveReadOnly(String handler) {
        return handler(handler)
                .map(RuntimeHandler::features)
                .filter(features -> features.recursiveReadOnlyMounts())
                .isPresent();
    }

    /**
     * Why images cannot be mounted as volumes; empty when they can. CRI has no word for that ability, so it is known by
     * version. A runtime that lacks it ignores what it is told: containerd 1 then misses the path of a directory, and
     * containerd 2.1 mounts the whole image where a part is asked for (containerd issue 11580).
     *
     * @param parts whether parts of images shall be mounted, too
     */
    Optional<String> imageVolumeProblem(boolean parts) {
        VersionResponse asked = version();
        int first = switch (asked.runtimeName()) {
            case "containerd" -> parts ? 2_002 : 2_001;
            case "cri-o" -> parts ? 1_033 : 1_031;
            default -> 0;
        };
        return number(asked.runtimeVersion()) >= first
                ? Optional.empty()
                : Optional.of("the runtime cannot mount " + (parts ? "parts of images (subPath)" : "images")
                        + " as volumes: " + asked.runtimeName() + " can from version " + first / 1000 + "."
                        + first % 1000 + " on, and this is " + asked.runtimeVersion());
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
            if (known == null || !now.equals(knownOf)) {
                known = runtime.status(false);
                knownOf = now;
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
            if (version == null) {
                version = runtime.version();
            }
            return version;
        } finally {
            lock.unlock();
        }
    }

    /** Major and minor number of a version such as {@code v2.1.9} or {@code 1.6.20~ds1}, in one; 0 when it is none. */
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
