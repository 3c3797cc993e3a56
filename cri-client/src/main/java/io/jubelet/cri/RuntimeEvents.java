package io.jubelet.cri;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Event hints from whatever source the runtime has. May be used by any thread.
 *
 * <p>A hint may be ahead of the runtime's own status: containerd 1.6 says that a process has exited some milliseconds
 * before its container status shows it. Who finds nothing new at a hint should look once more a little later.
 */
public interface RuntimeEvents {
    /**
     * Opens the best stream there is: the events of the CRI, else those of containerd itself. Empty when the runtime
     * has neither. Blocks for about a round trip, at most some hundred milliseconds when the runtime is healthy: a
     * stream which stays silent at first counts as open, and tells by {@link CriException.Unimplemented} if it was not.
     *
     * @param kinds what to be told of; a runtime that cannot choose tells of everything
     * @throws CriException.Unavailable the runtime cannot be reached
     * @throws CriException.Cancelled this thread was interrupted
     */
    Optional<EventStream<RuntimeEvent>> open(Set<RuntimeEvent.Kind> kinds);

    /** As {@link #open(Set)}, for everything there is. */
    default Optional<EventStream<RuntimeEvent>> open() {
        return open(EnumSet.allOf(RuntimeEvent.Kind.class));
    }
}
