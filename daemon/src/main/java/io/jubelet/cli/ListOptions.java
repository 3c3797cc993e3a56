/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.printing.Json;
import io.jubelet.printing.OutputFormat;
import io.jubelet.printing.Table;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that shows a list. */
final class ListOptions {

    @Mixin
    private SocketOption socket;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "One of: ${COMPLETION-CANDIDATES}. Default: table.")
    private OutputFormat format;

    @Option(
            names = {"-w", "--watch"},
            description = "Show the list, and then each change.")
    private boolean watch;

    @Option(names = "--no-headers", description = "Print no column names.")
    private boolean noHeaders;

    /** Gets an answer of the daemon. */
    Json get(String target) throws ClientException, IOException {
        return socket.get(target);
    }

    OutputFormat format() {
        return format;
    }

    boolean wide() {
        return format == OutputFormat.wide;
    }

    boolean watch() {
        return watch;
    }

    /** A table; it has no header if no row follows. */
    Table table(List<String> header, boolean empty) {
        boolean headless = noHeaders || (empty && !watch);
        return new Table(header.size(), headless ? List.of() : header);
    }

    /** Reads changes until the daemon ends the stream, which is an error. */
    void follow(String target, Changes.Reader reader) throws ClientException, IOException {
        Changes.follow(socket, target, reader);
    }
}
