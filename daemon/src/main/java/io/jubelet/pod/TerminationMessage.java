package io.jubelet.pod;

import java.util.Objects;

/**
 * Where the last words of a container come from.
 *
 * @param path of a file in the container
 * @param policy whether its log may stand in for the file
 */
public record TerminationMessage(String path, Policy policy) {

    /** The v1 defaults. */
    public static final TerminationMessage DEFAULT = new TerminationMessage("/dev/termination-log", Policy.File);

    public TerminationMessage {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(policy, "policy");
    }

    /** The constants are spelt as in the API. */
    public enum Policy {
        File,
        FallbackToLogsOnError
    }
}
