package io.jubelet.credentials;

import io.jubelet.concurrent.ExternalCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Runs the program of a plugin: the question on its standard input, the answer on its standard output. Any thread. */
final class CredentialProviderProcess {

    /** As the kubelet. */
    static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** A plugin gave no answer. The message shows nothing of what it wrote to its standard output. */
    static final class ProviderFailedException extends Exception {
        private static final long serialVersionUID = 1L;

        ProviderFailedException(String message) {
            this(message, null);
        }

        ProviderFailedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final Duration timeout;

    CredentialProviderProcess(Duration timeout) {
        this.timeout = Objects.requireNonNull(timeout, "timeout");
    }

    /**
     * Asks for an image.
     *
     * @param image its complete name, of letters that need no escape
     * @return what the program wrote
     */
    String run(CredentialProvider.Config config, String image) throws ProviderFailedException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(config.program().toString());
        command.addAll(config.arguments());
        String request = "{\"kind\":\"CredentialProviderRequest\",\"apiVersion\":\"" + config.apiVersion()
                + "\",\"image\":\"" + image + "\"}\n";
        try {
            return new ExternalCommand("credentials/" + config.name(), command, config.environment(), request, timeout)
                    .ask();
        } catch (ExternalCommand.FailedException e) {
            throw new ProviderFailedException("it " + e.getMessage(), e);
        }
    }
}
