package io.jubelet.concurrent;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A program that is asked something and answers on its standard output. It is run anew for each question, and ended with all
 * that it started when its time is over or whoever asks is interrupted.
 *
 * @param name of the threads that read and write
 * @param command what to run, and its arguments
 * @param environment added to that of the daemon
 * @param input what it reads on its standard input; empty for nothing at all
 * @param deadline how long it may take
 */
public record ExternalCommand(
        String name, List<String> command, Map<String, String> environment, String input, Duration deadline) {

    private static final int MOST_BYTES = 1 << 20;
    private static final int LAST_WORDS = 300;
    /** So long after its end what it said may be on its way; what it has left running may hold its output open for ever. */
    private static final Duration AFTER_END = Duration.ofSeconds(2);

    /** It gave no answer. The message goes on after the name of the program, and shows nothing of its standard output. */
    public static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    public ExternalCommand {
        Objects.requireNonNull(name, "name");
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        Objects.requireNonNull(input, "input");
        Objects.requireNonNull(deadline, "deadline");
    }

    /** Tells neither arguments nor environment nor input, where secrets may be. */
    @Override
    public String toString() {
        return command.getFirst();
    }

    /**
     * Runs it to its end; blocks as long.
     *
     * @return what it wrote to its standard output
     * @throws FailedException when it cannot be run, takes too long, writes too much, or ends with another exit code than
     *     zero; then with the end of what it wrote to its standard error
     */
    public String ask() throws FailedException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        if (input.isEmpty()) {
            builder.redirectInput(new File("/dev/null"));
        }
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new FailedException("cannot be run: " + e.getMessage(), e);
        }
        try {
            return answer(process);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private String answer(Process process) throws FailedException, InterruptedException {
        Answer out = new Answer(process.getInputStream());
        LastWords err = new LastWords(process.getErrorStream());
        BackgroundTask outReader = Threads.startTask(name, out);
        BackgroundTask errReader = Threads.startTask(name, err);
        if (!input.isEmpty()) {
            Threads.startVirtual(name, () -> write(process.getOutputStream()));
        }
        if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new FailedException("did not end within " + seconds(deadline) + " s", null);
        }
        outReader.awaitEnd(AFTER_END);
        if (out.tooLong()) {
            throw new FailedException("wrote more than " + MOST_BYTES + " bytes", null);
        }
        if (process.exitValue() != 0) {
            errReader.awaitEnd(AFTER_END);
            throw new FailedException("ended with exit code " + process.exitValue() + err.text(), null);
        }
        return out.text();
    }

    private static String seconds(Duration time) {
        return time.toMillis() % 1000 == 0
                ? Long.toString(time.toSeconds())
                : Double.toString(time.toMillis() / 1000.0);
    }

    private void write(OutputStream in) {
        try (in) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // One that needs no question may have ended already; its answer and its exit code tell.
        }
    }

    /** Reads what it writes to its standard output. */
    private static final class Answer implements Runnable {
        private final InputStream from;
        /** Safe for two threads. */
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Answer(InputStream from) {
            this.from = from;
        }

        @Override
        public void run() {
            byte[] piece = new byte[8192];
            // Closed when it is too long, which ends a program that goes on writing.
            try (from) {
                for (int n = from.read(piece); n >= 0 && !tooLong(); n = from.read(piece)) {
                    bytes.write(piece, 0, n);
                }
            } catch (IOException _) {
                return; // the program was ended, which its waiter tells
            }
        }

        boolean tooLong() {
            return bytes.size() > MOST_BYTES;
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    /** Reads what it writes to its standard error, and keeps the end of it. */
    private static final class LastWords implements Runnable {
        private final InputStream from;
        /** The newest last; longer than what is told, for blanks are left out of that. */
        private volatile byte[] end = {};

        LastWords(InputStream from) {
            this.from = from;
        }

        @Override
        public void run() {
            byte[] piece = new byte[4 * LAST_WORDS];
            try (from) {
                for (int n = from.read(piece); n >= 0; n = from.read(piece)) {
                    keep(piece, n);
                }
            } catch (IOException _) {
                return; // the program was ended, which its waiter tells
            }
        }

        private void keep(byte[] piece, int length) {
            int old = Math.min(end.length, 8 * LAST_WORDS - length);
            byte[] kept = new byte[old + length];
            System.arraycopy(end, end.length - old, kept, 0, old);
            System.arraycopy(piece, 0, kept, old, length);
            end = kept;
        }

        String text() {
            String line = new String(end, StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
            if (line.isEmpty()) {
                return "";
            }
            return ": " + (line.length() > LAST_WORDS ? "..." + line.substring(line.length() - LAST_WORDS) : line);
        }
    }
}
