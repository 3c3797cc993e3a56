package io.jubelet.credentials;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** Runs the program of a plugin: the question on its standard input, the answer on its standard output. Any thread. */
final class PluginProcess {

    /** As the kubelet. */
    static final Duration TIMEOUT = Duration.ofMinutes(1);

    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_WORDS = 300;

    /** A plugin gave no answer. The message shows nothing of what it wrote to its standard output. */
    static final class PluginFailedException extends Exception {
        private static final long serialVersionUID = 1L;

        PluginFailedException(String message) {
            super(message);
        }
    }

    private final Duration timeout;
    private final BiFunction<String, Runnable, Thread> startThread;

    /** @param startThread runs what reads from the program, given a name and the work */
    PluginProcess(Duration timeout, BiFunction<String, Runnable, Thread> startThread) {
        this.timeout = timeout;
        this.startThread = startThread;
    }

    /** What one stream of the program said; written by one thread, and read when that has ended. */
    private static final class Said implements Runnable {
        private final InputStream from;
        private volatile byte[] bytes = {};

        Said(InputStream from) {
            this.from = from;
        }

        @Override
        public void run() {
            try (from) {
                bytes = from.readNBytes(MOST_BYTES);
            } catch (IOException e) {
                bytes = new byte[0]; // the program was ended, which its waiter tells
            }
        }

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /**
     * Asks for an image.
     *
     * @param image its complete name, of letters that need no escape
     * @return what the program wrote
     */
    String ask(CredentialPlugin.Config config, String image) throws PluginFailedException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(config.program().toString());
        command.addAll(config.arguments());
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(config.environment());
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new PluginFailedException("it cannot be run: " + e.getMessage());
        }
        try {
            return answer(process, config, image);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private String answer(Process process, CredentialPlugin.Config config, String image)
            throws PluginFailedException, InterruptedException {
        Said out = new Said(process.getInputStream());
        Said err = new Said(process.getErrorStream());
        Thread outReader = startThread.apply("credentials/" + config.name(), out);
        Thread errReader = startThread.apply("credentials/" + config.name(), err);
        try (OutputStream in = process.getOutputStream()) {
            String question = "{\"kind\":\"CredentialProviderRequest\",\"apiVersion\":\"" + config.apiVersion()
                    + "\",\"image\":\"" + image + "\"}\n";
            in.write(question.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // A program that needs no question may have ended already; its answer and exit code tell.
        }
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new PluginFailedException("it did not end within " + timeout.toSeconds() + " s");
        }
        // What it leaves running may hold its output open.
        boolean read = outReader.join(Duration.ofSeconds(5)) && errReader.join(Duration.ofSeconds(5));
        if (process.exitValue() != 0) {
            throw new PluginFailedException("it ended with exit code " + process.exitValue() + words(err.text()));
        }
        if (!read) {
            throw new PluginFailedException("something it left running holds its output open");
        }
        return out.text();
    }

    private static String words(String said) {
        String line = said.strip().replaceAll("\\s+", " ");
        return line.isEmpty() ? "" : ": " + (line.length() > MOST_WORDS ? line.substring(0, MOST_WORDS) : line);
    }
}
