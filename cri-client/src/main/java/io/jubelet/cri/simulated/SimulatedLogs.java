/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes container logs in the format of the CRI, if enabled and if their directory exists. */
final class SimulatedLogs {
    private final boolean enabled;

    SimulatedLogs(boolean enabled) {
        this.enabled = enabled;
    }

    /** Writes the whole output of a process. */
    void write(@Nullable Path file, Instant now, SimulatedProcess process) {
        StringBuilder text = new StringBuilder();
        append(text, now, "stdout", process.stdout());
        append(text, now, "stderr", process.stderr());
        append(file, text.toString());
    }

    /** Creates the file again after it was renamed. */
    void reopen(@Nullable Path file) {
        append(file, "");
    }

    private static void append(StringBuilder text, Instant now, String stream, List<String> lines) {
        for (String line : lines) {
            text.append(DateTimeFormatter.ISO_INSTANT.format(now)).append(' ').append(stream);
            text.append(" F ").append(line).append('\n');
        }
    }

    private void append(@Nullable Path file, String text) {
        Path directory = file == null ? null : file.getParent();
        if (!enabled || file == null || directory == null || !Files.isDirectory(directory)) {
            return;
        }
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
