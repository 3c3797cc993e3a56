/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import com.fasterxml.jackson.core.JsonParser;
import io.jubelet.api.ClientException;
import io.jubelet.printing.Json;
import java.io.IOException;
import java.io.InputStream;

/** Follows a watch: newline-separated objects that say what was added, modified or deleted. */
final class Changes {

    private Changes() {}

    /** Takes one change. */
    interface Reader {
        void take(String type, Json object) throws IOException;
    }

    /** Reads changes until the daemon ends the stream, which is an error: it stops, or this program reads too slowly. */
    static void follow(SocketOption socket, String target, Reader reader) throws ClientException, IOException {
        try (InputStream stream = socket.stream(target);
                JsonParser parser = Json.FACTORY.createParser(stream)) {
            while (parser.nextToken() != null) {
                Json change = Json.read(parser);
                String type = change.at("type").text();
                if (type.equals("ERROR")) {
                    throw new IOException(change.at("object").at("message").text());
                }
                reader.take(type, change.at("object"));
            }
        }
        throw new IOException("the daemon ended the watch");
    }
}
