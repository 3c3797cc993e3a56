/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.confinement;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the subordinate ids of the user {@code kubelet}, which an administrator reserves for pods
 * with user namespaces.
 *
 * <p>Source: the kubelet, which calls getsubids(1), so that ids can also come from a directory
 * service. Without that program the kubelet ignores reserved ids, and this class reads /etc/subuid
 * and /etc/subgid. Blocks for a short-lived process. Safe for use by many threads.
 */
final class SubordinateIds {

    static final String USER = "kubelet";

    private static final String PROGRAM = "getsubids";

    private final Path etc;
    private final List<Path> programs;

    /** The ids from {@code first} (inclusive) to {@code end} (exclusive). */
    record Range(long first, long end) {

        boolean overlaps(Range other) {
            return first < other.end && other.first < end;
        }
    }

    /**
     * @param etc the directory with passwd, subuid and subgid
     * @param programs the directories that may contain getsubids
     */
    SubordinateIds(Path etc, List<Path> programs) {
        this.etc = Objects.requireNonNull(etc, "etc");
        this.programs = List.copyOf(programs);
    }

    /** The subordinate ids of this machine. */
    static SubordinateIds ofNode() {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "/usr/bin");
        return new SubordinateIds(
                Path.of("/etc"),
                Stream.of(path.split(":"))
                        .filter(name -> !name.isEmpty())
                        .map(Path::of)
                        .toList());
    }

    /**
     * The reserved range; empty if there is none.
     *
     * @throws IOException if it cannot be determined, or is not a single range that is the same for
     *     users and groups; the message is for the user
     */
    Optional<Range> find() throws IOException {
        if (lines("passwd").isEmpty()) {
            return Optional.empty();
        }
        Optional<Path> program = programs.stream()
                .map(directory -> directory.resolve(PROGRAM))
                .filter(Files::isExecutable)
                .findFirst();
        List<String> users = program.isPresent() ? run(program.get(), USER) : lines("subuid");
        List<String> groups = program.isPresent() ? run(program.get(), "-g", USER) : lines("subgid");
        if (users.isEmpty() && groups.isEmpty() && program.isEmpty()) {
            return Optional.empty();
        }
        Range range = range("user", users);
        if (!range.equals(range("group", groups))) {
            throw new IOException("the subordinate user and group ids of the user " + USER
                    + " differ, and must be the same: /etc/subuid and /etc/subgid");
        }
        return Optional.of(range);
    }

    /**
     * Parses {@code kubelet:65536:7208960} of files or {@code 0: kubelet 65536 7208960} of
     * getsubids.
     */
    private static Range range(String kind, List<String> lines) throws IOException {
        String[] words = lines.size() == 1 ? lines.getFirst().split("[ :]+") : new String[0];
        try {
            long first = Long.parseLong(words[words.length - 2]);
            return new Range(first, Math.addExact(first, Long.parseLong(words[words.length - 1])));
        } catch (ArithmeticException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IOException(
                    "the user " + USER + " must have one range of subordinate " + kind + " ids, such as " + USER
                            + ":65536:7208960 in /etc/subuid and /etc/subgid, and has " + lines,
                    e);
        }
    }

    /** The lines of the user in a file; empty if there is no such file. */
    private List<String> lines(String file) throws IOException {
        try (Stream<String> lines = Files.lines(etc.resolve(file), StandardCharsets.UTF_8)) {
            return lines.filter(line -> line.startsWith(USER + ":")).toList();
        } catch (NoSuchFileException _) {
            return List.of();
        }
    }

    private static List<String> run(Path program, String... arguments) throws IOException {
        List<String> command = Stream.concat(Stream.of(program.toString()), Stream.of(arguments))
                .toList();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        try {
            int status = process.waitFor(); // before the read, which would hold the carrier of a virtual thread
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (status != 0) {
                throw new IOException(String.join(" ", command) + " failed: " + output);
            }
            return output.lines().toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + PROGRAM + " ran", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
