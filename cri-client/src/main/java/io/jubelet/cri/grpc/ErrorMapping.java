package io.jubelet.cri.grpc;

import io.jubelet.cri.CriException;
import io.jubelet.cri.http2.GrpcStatus;

/** From the status of a gRPC call to the error our callers get. */
final class ErrorMapping {
    private ErrorMapping() {}

    static CriException of(String operation, GrpcStatus status) {
        String text = text(status);
        Throwable cause = status.cause();
        // A name that is taken has no code of its own: UNKNOWN in containerd 1.6, FAILED_PRECONDITION in 2.x.
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
            // What a containerd says that has just begun to listen is no answer yet.
            case UNKNOWN ->
                text.contains("server is not initialized yet")
                        ? new CriException.Unavailable(operation, text, cause)
                        : new CriException.Failed(operation, text, cause);
            case OK, CANCELLED, ABORTED, INTERNAL, DATA_LOSS -> new CriException.Failed(operation, text, cause);
        };
    }

    /** What the runtime said, or else what we and the system say, down to "No such file or directory". */
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
