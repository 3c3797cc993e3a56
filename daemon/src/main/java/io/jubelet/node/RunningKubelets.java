/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Finds other programs on this machine that run pods. Stateless. */
public final class RunningKubelets {

    private static final String KUBELET = "kubelet";
    private static final String MAIN_CLASS = "io.jubelet.cli.Main";

    private final Path proc;
    private final long self;

    /**
     * A process that runs pods.
     *
     * @param reference whether it is the reference kubelet; otherwise it is another Jubelet
     */
    public record Found(long pid, boolean reference) {}

    public RunningKubelets() {
        this(Path.of("/proc"), ProcessHandle.current().pid());
    }

    RunningKubelets(Path proc, long self) {
        this.proc = Objects.requireNonNull(proc, "proc");
        this.self = self;
    }

    /** A process that runs pods besides this one, a reference kubelet if there is one; empty if there is none. */
    public Optional<Found> find() {
        Optional<Found> jubelet = Optional.empty();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[1-9]*")) {
            for (Path each : processes) {
                long pid = Long.parseLong(each.getFileName().toString());
                List<String> command = pid == self ? List.of() : command(each);
                if (isKubelet(command)) {
                    return Optional.of(new Found(pid, true));
                }
                if (isJubelet(command)) {
                    jubelet = Optional.of(new Found(pid, false));
                }
            }
        } catch (IOException | NumberFormatException _) {
            return jubelet; // what was found so far; without /proc nothing can be found
        }
        return jubelet;
    }

    private static boolean isKubelet(List<String> command) {
        return !command.isEmpty()
                && (command.getFirst().equals(KUBELET) || command.getFirst().endsWith("/" + KUBELET));
    }

    private static boolean isJubelet(List<String> command) {
        int main = command.indexOf(MAIN_CLASS);
        return main >= 0 && command.subList(main, command.size()).contains("run");
    }

    private static List<String> command(Path process) {
        try {
            return List.of(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                    .split("\0"));
        } catch (IOException _) {
            return List.of(); // it has ended
        }
    }
}
