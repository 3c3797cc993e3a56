/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * How a command in a container ended.
 *
 * @param succeeded whether it ended with exit code 0
 * @param exitCode the exit code of a command that ran and failed; empty if it did not run
 * @param message what went wrong; empty if nothing did
 */
public record RemoteStatus(boolean succeeded, OptionalInt exitCode, String message) {

    /** Far more than the status of the longest command has. */
    static final int MAX_BYTES = 64 << 10;

    private static final JsonFactory FACTORY = new JsonFactory();

    public RemoteStatus {
        Objects.requireNonNull(exitCode, "exitCode");
        Objects.requireNonNull(message, "message");
    }

    /** Reads a v1 Status, as it comes on the error channel. Text that is none is a message of failure. */
    static RemoteStatus read(byte[] json) {
        try (JsonParser in = FACTORY.createParser(json)) {
            if (in.nextToken() == JsonToken.START_OBJECT) {
                return read(in);
            }
        } catch (IOException _) {
            // It is shown as it is.
        }
        return failure(new String(json, StandardCharsets.UTF_8).strip());
    }

    static RemoteStatus failure(String message) {
        return new RemoteStatus(false, OptionalInt.empty(), message);
    }

    private static RemoteStatus read(JsonParser in) throws IOException {
        boolean success = false;
        boolean nonZero = false;
        String message = "";
        OptionalInt code = OptionalInt.empty();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String field = in.currentName();
            in.nextToken();
            switch (field) {
                case "status" -> success = in.getValueAsString("").equals("Success");
                case "reason" -> nonZero = in.getValueAsString("").equals("NonZeroExitCode");
                case "message" -> message = in.getValueAsString("");
                case "details" -> code = details(in);
                default -> in.skipChildren();
            }
        }
        return new RemoteStatus(success, nonZero ? code : OptionalInt.empty(), message);
    }

    private static OptionalInt details(JsonParser in) throws IOException {
        OptionalInt code = OptionalInt.empty();
        if (in.currentToken() != JsonToken.START_OBJECT) {
            return code;
        }
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            boolean causes = in.currentName().equals("causes");
            if (in.nextToken() == JsonToken.START_ARRAY && causes) {
                while (in.nextToken() == JsonToken.START_OBJECT) {
                    OptionalInt found = cause(in);
                    code = found.isPresent() ? found : code;
                }
            } else {
                in.skipChildren();
            }
        }
        return code;
    }

    private static OptionalInt cause(JsonParser in) throws IOException {
        String reason = "";
        String message = "";
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String field = in.currentName();
            in.nextToken();
            switch (field) {
                case "reason" -> reason = in.getValueAsString("");
                case "message" -> message = in.getValueAsString("");
                default -> in.skipChildren();
            }
        }
        try {
            return reason.equals("ExitCode") ? OptionalInt.of(Integer.parseInt(message)) : OptionalInt.empty();
        } catch (NumberFormatException _) {
            return OptionalInt.empty();
        }
    }
}
