package io.jubelet.cli;

import io.jubelet.api.ClientException;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every command that shows a list takes. */
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
            description = "Go on and show every change.")
    private boolean watch;

    @Option(names = "--no-headers", description = "Without the line of column names.")
    private boolean noHeaders;

    /** An answer of the daemon. */
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

    /** A table, whose header is left out when nothing will stand below it. */
    Table table(List<String> header, boolean empty) {
        boolean headless = noHeaders || (empty && !watch);
        return new Table(header.size(), headless ? List.of() : header);
    }

    /** Reads changes until the daemon ends the stream, which is an error. */
    void follow(String target, Changes.Reader reader) throws ClientException, IOException {
        Changes.follow(socket, target, reader);
    }
}
