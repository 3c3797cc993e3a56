/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.printing.Table;
import io.jubelet.printing.TerminalText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Prints several logs line by line, one after the other or as lines come. */
final class LogPrinter {

    /** A longer line is printed in parts of this length, each as a line of its own. */
    static final int MAX_LINE = 64 << 10;

    /** The colours that differ most on dark and light screens. */
    private static final int[] COLOURS = {36, 33, 32, 35, 34, 31};

    private final Terminal terminal;
    private final boolean prefixed;
    private final boolean coloured;
    private final boolean escaped;
    /** Keeps lines whole. */
    private final Object printing = new Object();

    /**
     * One log.
     *
     * @param target the path of the request
     */
    record ContainerLog(String pod, String container, String target) {
        ContainerLog {
            Objects.requireNonNull(pod, "pod");
            Objects.requireNonNull(container, "container");
            Objects.requireNonNull(target, "target");
        }
    }

    /** Requests a log. */
    interface Source {
        InputStream open(ContainerLog log) throws ClientException;
    }

    private enum End {
        COMPLETE,
        FAILED,
        /** Nothing can be printed any more, because the reader of the output is gone. */
        OUTPUT_CLOSED
    }

    /**
     * Creates a printer.
     *
     * @param escaped whether control characters are escaped
     */
    LogPrinter(Terminal terminal, boolean prefixed, boolean coloured, boolean escaped) {
        this.terminal = terminal;
        this.prefixed = prefixed;
        this.coloured = coloured;
        this.escaped = escaped;
    }

    /**
     * Prints all logs; blocks until all have ended. A log that cannot be read does not hold up the others.
     *
     * @param together whether to read all at the same time
     * @return whether all could be read
     */
    boolean print(List<ContainerLog> logs, boolean together, Source source) throws InterruptedException {
        BlockingQueue<End> ends = new LinkedBlockingQueue<>();
        boolean complete = true;
        for (int i = 0; i < logs.size(); i++) {
            ContainerLog log = logs.get(i);
            String prefix = prefixed ? prefix(log, COLOURS[i % COLOURS.length]) : "";
            if (together) {
                Thread.ofVirtual().start(() -> ends.add(print(log, prefix, source)));
            } else {
                End end = print(log, prefix, source);
                if (end == End.OUTPUT_CLOSED) {
                    return complete;
                }
                complete &= end == End.COMPLETE;
            }
        }
        for (int i = 0; together && i < logs.size(); i++) {
            End end = ends.take();
            if (end == End.OUTPUT_CLOSED) {
                break; // the end of this process ends the other threads
            }
            complete &= end == End.COMPLETE;
        }
        return complete;
    }

    private String prefix(ContainerLog log, int colour) {
        String text = "[pod/" + Table.printable(log.pod()) + "/" + Table.printable(log.container()) + "]";
        return coloured ? "\u001b[" + colour + "m" + text + "\u001b[0m " : text + " ";
    }

    private End print(ContainerLog log, String prefix, Source source) {
        try (InputStream in = source.open(log)) {
            Lines lines = new Lines(prefix);
            byte[] block = new byte[16 << 10];
            for (int read = in.read(block); read >= 0; read = in.read(block)) {
                if (!lines.accept(block, read)) {
                    return End.OUTPUT_CLOSED;
                }
            }
            return lines.end() ? End.COMPLETE : End.OUTPUT_CLOSED;
        } catch (ClientException refused) {
            return failed(log, String.valueOf(refused.getMessage()));
        } catch (IOException broken) {
            return failed(log, "the log broke off: " + broken.getMessage());
        }
    }

    private End failed(ContainerLog log, String message) {
        synchronized (printing) {
            terminal.err().println("error: " + Table.printable(log.pod() + "/" + log.container() + ": " + message));
        }
        return End.FAILED;
    }

    /** Cuts a log into lines and prints them. For one thread. */
    private final class Lines {

        private final byte[] prefix;
        private final TerminalText text = new TerminalText();
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Lines(String prefix) {
            this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
        }

        /** Takes the next bytes; false if nothing can be printed any more. */
        boolean accept(byte[] bytes, int length) {
            int begin = 0;
            for (int i = 0; i < length; i++) {
                if (bytes[i] == '\n' || line.size() + i - begin >= MAX_LINE) {
                    boolean whole = bytes[i] == '\n';
                    line.write(bytes, begin, i - begin);
                    begin = whole ? i + 1 : i;
                    if (!print()) {
                        return false;
                    }
                }
            }
            line.write(bytes, begin, length - begin);
            return true;
        }

        boolean end() {
            return line.size() == 0 || print();
        }

        private boolean print() {
            line.write('\n');
            byte[] printed = escaped
                    ? text.next(line.toString(StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8)
                    : line.toByteArray();
            line.reset();
            synchronized (printing) {
                terminal.out().write(prefix, 0, prefix.length);
                terminal.out().write(printed, 0, printed.length);
                terminal.out().flush();
                return !terminal.out().checkError();
            }
        }
    }
}
