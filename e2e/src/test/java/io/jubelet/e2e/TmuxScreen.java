/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A terminal with a shell, in which a test types and sees what a user would see. It is one of tmux, without a window. */
final class TmuxScreen implements AutoCloseable {

    /** What the shell of the terminal prints when it waits for a command. */
    static final String PROMPT = "node$";

    private final Path socket;

    private TmuxScreen(Path socket) {
        this.socket = socket;
    }

    /** Opens a terminal; without tmux the test is skipped, or fails where skipping is forbidden. */
    static TmuxScreen open(Path directory, int columns, int rows) throws IOException, InterruptedException {
        if (Commands.run(List.of("sh", "-c", "command -v tmux")).exitCode() != 0) {
            String reason = "tmux is not installed";
            return Boolean.getBoolean("jubelet.test.no-skip") ? fail(reason) : abort(reason);
        }
        // A server that is ending still listens on its socket.
        TmuxScreen screen =
                new TmuxScreen(Files.createTempDirectory(directory, "tmux").resolve("s"));
        String size = "-x " + columns + " -y " + rows;
        screen.tmux(("-f /dev/null new-session -d " + size + " env ENV= PS1=" + PROMPT + " sh").split(" "));
        screen.awaitShown(PROMPT);
        return screen;
    }

    /** A program that runs Jubelet against a daemon, for the shell. */
    static Path jubelet(DaemonProcess daemon) throws IOException {
        String command = Commands.jubelet(daemon.socket).stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        Path program = Files.writeString(daemon.home.resolve("j"), "#!/bin/sh\nexec " + command + " \"$@\"\n");
        program.toFile().setExecutable(true);
        return program;
    }

    private String tmux(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tmux", "-S", socket.toString()));
        command.addAll(List.of(arguments));
        Commands.Outcome outcome = Commands.run(command);
        assertEquals(0, outcome.exitCode(), outcome::err);
        return outcome.out();
    }

    /** Types a line. */
    void line(String text) throws IOException, InterruptedException {
        tmux("send-keys", "-l", text);
        keys("Enter");
    }

    /** Presses keys, by the names that tmux has for them, such as {@code C-c}. */
    void keys(String... names) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("send-keys"));
        arguments.addAll(List.of(names));
        tmux(arguments.toArray(String[]::new));
    }

    void resize(int columns, int rows) throws IOException, InterruptedException {
        tmux("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(rows));
    }

    /** Removes everything from the screen, and waits for the prompt. */
    void clear() throws IOException, InterruptedException {
        line("clear");
        Eventually.within(DaemonProcess.SOON)
                .details(this::shown)
                .until("an empty screen", () -> shown().strip().equals(PROMPT));
    }

    /** What is on the screen. */
    String shown() {
        try {
            return tmux("capture-pane", "-p");
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /** Waits until a text is on the screen. */
    void awaitShown(String text) {
        Eventually.within(DaemonProcess.SOON)
                .details(this::shown)
                .until("\"" + text + "\" on the screen", () -> shown().contains(text));
    }

    @Override
    public void close() throws IOException {
        try {
            tmux("kill-server");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before the terminal was closed", e);
        }
    }
}
