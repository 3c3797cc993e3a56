/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.api.LocalClient;
import io.jubelet.config.Settings;
import io.jubelet.printing.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The option for the socket of the daemon, of every command that sends requests to it. */
final class SocketOption {

    /** A daemon that is alive answers at once; one that starts on a busy node takes some seconds. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static final String DEFAULT = Settings.DEFAULT_API_SOCKET;

    @Option(
            names = "--api-socket",
            paramLabel = "PATH",
            defaultValue = "${env:JUBELET_API_SOCKET:-" + DEFAULT + "}",
            description = "Socket of the daemon. Default: $JUBELET_API_SOCKET, else " + DEFAULT + ".")
    private Path path;

    /** A client of the daemon. */
    LocalClient client() {
        return new LocalClient(path);
    }

    /** Sends a request and returns the stream of the answer. */
    InputStream stream(String target) throws ClientException {
        return client().get(target);
    }

    /** Sends a request and returns the whole answer. */
    Json get(String target) throws ClientException, IOException {
        return Json.read(new ByteArrayInputStream(client().get(target, LIMIT)));
    }
}
