/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.CriException;
import io.jubelet.cri.http2.GrpcStatus;

/** Maps the status of a failed gRPC call to a {@link CriException}. */
final class ErrorMapping {
    private ErrorMapping() {}

    static CriException of(String operation, GrpcStatus status) {
        String text = text(status);
        Throwable cause = status.cause();
        // containerd has no code for a name in use: it sends UNKNOWN in 1.6 and FAILED_PRECONDITION
        // in 2.x.
        if (text.contains("name") && text.contains("is reserved")) {
            return new CriException.AlreadyExists(operation, text, cause);
        }
        return switch (status.code()) {
            case UNAVAILABLE -> new CriException.Unavailable(operation, text, cause);
            case NOT_FOUND -> new CriException.NotFound(operation, text, cause);
            case ALREADY_EXISTS -> new CriException.AlreadyExists(operation, text, cause);
            case DEADLINE_EXCEEDED -> new CriException.DeadlineExceeded(operation, text, cause);
            case UNIMPLEMENTED -> new CriException.Unimplemented(operation, text, cause);
            case INVALID_ARGUMENT,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED,
                    RESOURCE_EXHAUSTED ->
                new CriException.Rejected(operation, status.code().name(), text, cause);
            // containerd sends this after it has started to listen and before its CRI service is
            // ready.
            case UNKNOWN ->
                text.contains("server is not initialized yet")
                        ? new CriException.Unavailable(operation, text, cause)
                        : new CriException.Failed(operation, text, cause);
            case OK, CANCELLED, ABORTED, INTERNAL, DATA_LOSS -> new CriException.Failed(operation, text, cause);
        };
    }

    /**
     * Returns the message of the status, and those of its causes, such as "No such file or
     * directory".
     */
    private static String text(GrpcStatus status) {
        StringBuilder text =
                new StringBuilder(status.message().isEmpty() ? status.code().name() : status.message());
        for (Throwable cause = status.cause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && text.indexOf(cause.getMessage()) < 0) {
                text.append(": ").append(cause.getMessage());
            }
        }
        return text.toString();
    }
}
