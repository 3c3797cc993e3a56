/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.printing.Table;
import io.jubelet.remotecommand.DetachKeys;
import io.jubelet.remotecommand.LocalTerminal;
import io.jubelet.remotecommand.RemoteCommand;
import io.jubelet.remotecommand.RemoteStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/** Connects the streams of this process with those of a command in a container, until the command ends. */
final class RemoteSession {

    /** As a shell reports a process that SIGPIPE ended, because its reader is gone. */
    static final int OUTPUT_CLOSED = 141;

    private static final int BLOCK = 32 << 10;

    private final Terminal terminal;
    private final RemoteCommand remote;

    RemoteSession(Terminal terminal, RemoteCommand remote) {
        this.terminal = terminal;
        this.remote = remote;
    }

    /** Whether to ask for a terminal in the container: only if there is one here, as kubectl does. */
    static boolean tty(boolean stdin, boolean tty, Terminal terminal) {
        if (!stdin || !tty) {
            return false;
        }
        if (!LocalTerminal.isInput()) {
            terminal.err().println("Unable to use a TTY - input is not a terminal or the right kind of file");
            return false;
        }
        return true;
    }

    /**
     * Runs until the command ends, and returns how.
     *
     * @param input to the command; empty for none
     * @param tty whether the command has a terminal
     * @param redraw whether a process that ran before shall draw its prompt again
     * @return empty if the output was closed, or the detach keys were typed
     */
    Optional<RemoteStatus> run(Optional<InputStream> input, boolean tty, boolean redraw) throws IOException {
        Optional<LocalTerminal> raw = tty ? LocalTerminal.raw() : Optional.empty();
        try {
            raw.ifPresent(there -> showSize(there, redraw));
            input.ifPresent(this::send);
            return print() ? Optional.of(remote.status()) : Optional.empty();
        } catch (IOException broken) {
            if (input.orElse(null) instanceof DetachKeys keys && keys.typed()) {
                return Optional.empty();
            }
            throw broken;
        } finally {
            raw.ifPresent(LocalTerminal::close);
        }
    }

    private void showSize(LocalTerminal raw, boolean redraw) {
        boolean[] first = {redraw};
        raw.onSize((columns, rows) -> {
            try {
                if (first[0]) {
                    first[0] = false;
                    remote.resize(columns, rows + 1);
                }
                remote.resize(columns, rows);
            } catch (IOException _) {
                // The thread that reads the output reports the lost connection.
            }
        });
    }

    /** Sends the input on a thread of its own, which a read from a terminal or a pipe can hold until this process ends. */
    private void send(InputStream input) {
        Thread.ofPlatform().daemon().name("stdin").start(() -> {
            try (OutputStream to = remote.input()) {
                byte[] block = new byte[BLOCK];
                for (int read = input.read(block); read >= 0; read = input.read(block)) {
                    to.write(block, 0, read);
                }
                if (input instanceof DetachKeys keys && keys.typed()) {
                    remote.close();
                }
            } catch (IOException _) {
                // The command has ended, or the thread that reads the output reports the lost connection.
            }
        });
    }

    /** Prints the output; false if it cannot be printed any more. */
    private boolean print() throws IOException {
        byte[] block = new byte[BLOCK];
        InputStream output = remote.output();
        for (int read = output.read(block); read >= 0; read = output.read(block)) {
            terminal.out().write(block, 0, read);
            terminal.out().flush();
            if (terminal.out().checkError()) {
                return false;
            }
        }
        return true;
    }

    /** Prints what went wrong with a command, as kubectl does, and returns the exit code of this process. */
    static int report(RemoteStatus status, boolean quiet, Terminal terminal) {
        if (status.succeeded()) {
            return 0;
        }
        if (status.exitCode().isPresent()) {
            if (!quiet) {
                terminal.err()
                        .println("command terminated with exit code "
                                + status.exitCode().getAsInt());
            }
            return status.exitCode().getAsInt();
        }
        terminal.err().println("error: " + Table.printable(status.message()));
        return 1;
    }
}
