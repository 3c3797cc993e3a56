/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import io.jubelet.concurrent.ExternalCommand;
import io.jubelet.document.JsonText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs a credential provider plugin: passes the request on standard input and reads the response
 * from standard output. Safe for use by many threads.
 */
final class CredentialProviderProcess {

    /** The kubelet's timeout. */
    static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** The plugin returned no response. The message shows nothing of its standard output. */
    static final class ProviderFailedException extends Exception {
        private static final long serialVersionUID = 1L;

        ProviderFailedException(String message) {
            this(message, null);
        }

        ProviderFailedException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private final Duration timeout;

    CredentialProviderProcess(Duration timeout) {
        this.timeout = Objects.requireNonNull(timeout, "timeout");
    }

    /**
     * Requests credentials for an image; blocks while the plugin runs.
     *
     * @param image its complete name
     * @return the standard output
     */
    String run(CredentialProvider.Config config, String image) throws ProviderFailedException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(config.program().toString());
        command.addAll(config.arguments());
        String request = JsonText.write(out -> {
                    out.writeStartObject();
                    out.writeStringField("kind", "CredentialProviderRequest");
                    out.writeStringField("apiVersion", config.apiVersion());
                    out.writeStringField("image", image);
                    out.writeEndObject();
                })
                + "\n";
        try {
            return new ExternalCommand(
                            "credentials/" + config.name(),
                            command,
                            config.environment(),
                            Optional.of(request),
                            timeout)
                    .run();
        } catch (ExternalCommand.FailedException e) {
            throw new ProviderFailedException("it " + e.getMessage(), e);
        }
    }
}
