package io.jubelet.api;

import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which log is asked for, resolved to one instance of a container.
 *
 * @param pod namespace and name as written
 * @param fullName the pod's name on the runtime, which is part of the path of its logs
 * @param uid of the pod version
 * @param container its name in the spec
 * @param attempt the restart count of the instance, which names its log file
 * @param follow go on until the instance has ended
 * @param tailLines only so many lines from the end of what is there
 * @param timestamps with each line's time before it
 * @param since only lines that are not older
 * @param within only lines that are not older than so long; not together with {@code since}
 */
public record LogRequest(
        PodName pod,
        String fullName,
        String uid,
        String container,
        int attempt,
        boolean follow,
        OptionalLong tailLines,
        boolean timestamps,
        Optional<Instant> since,
        Optional<Duration> within) {

    public LogRequest {
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(fullName, "fullName");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(container, "container");
        Objects.requireNonNull(tailLines, "tailLines");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(within, "within");
    }

    /** The age of the oldest line that is wanted, if there is one. */
    public Optional<Instant> oldest(Instant now) {
        return since.or(() -> within.map(now::minus));
    }
}
