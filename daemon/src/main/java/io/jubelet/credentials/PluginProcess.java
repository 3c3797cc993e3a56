package io.jubelet.credentials;

import io.jubelet.concurrent.ExternalCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Runs the program of a plugin: the question on its standard input, the answer on its standard output. Any thread. */
final class PluginProcess {

    /** As the kubelet. */
    static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** A plugin gave no answer. The message shows nothing of what it wrote to its standard output. */
    static final class PluginFailedException extends Exception {
        private static final long serialVersionUID = 1L;

        PluginFailedException(String message) {
            this(message, null);
        }

        PluginFailedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final Duration timeout;

    PluginProcess(Duration timeout) {
        this.timeout = Objects.requireNonNull(timeout, "timeout");
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
        String question = "{\"kind\":\"CredentialProviderRequest\",\"apiVersion\":\"" + config.apiVersion()
                + "\",\"image\":\"" + image + "\"}\n";
        try {
            return new ExternalCommand("credentials/" + config.name(), command, config.environment(), question, timeout)
                    .ask();
        } catch (ExternalCommand.FailedException e) {
            throw new PluginFailedException("it " + e.getMessage(), e);
        }
    }
}
