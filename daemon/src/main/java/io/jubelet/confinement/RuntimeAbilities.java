package io.jubelet.confinement;

import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StatusResponse;
import io.jubelet.cri.StatusResponse.RuntimeHandler;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What the runtime says it can do. It is asked when a pod first needs to know, and again only after it was started anew:
 * it may be another version then. Safe for use by many threads.
 */
final class RuntimeAbilities {

    private final RuntimeService runtime;
    private final Supplier<Object> incarnation;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock, as is the next one; null before the first question. */
    private StatusResponse known;

    private Object knownOf;

    /** @param incarnation something that is no longer equal when the runtime was started anew */
    RuntimeAbilities(RuntimeService runtime, Supplier<Object> incarnation) {
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
            }
            return known;
        } finally {
            lock.unlock();
        }
    }
}
