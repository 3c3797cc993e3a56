package io.jubelet.cri.grpc;

import io.grpc.Status;
import io.jubelet.cri.CriException;
import java.io.IOException;

/** From the status of a gRPC call to the error our callers get. */
final class Errors {
    private Errors() {}

    static CriException of(String operation, Status status, Throwable cause) {
        String text = text(status);
        // A name that is taken has no code of its own: UNKNOWN in containerd 1.6, FAILED_PRECONDITION in 2.x.
        if (text.contains("name") && text.contains("is reserved")) {
            return new CriException.AlreadyExists(operation, text, cause);
        }
        return switch (status.getCode()) {
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
                new CriException.Rejected(operation, status.getCode().name(), text, cause);
            case CANCELLED ->
                Thread.currentThread().isInterrupted()
                        ? new CriException.Cancelled(operation, text, cause)
                        : new CriException.Failed(operation, text, cause);
            // gRPC's own words for a connection that broke without a farewell. What a runtime says has no cause; what a
            // containerd says that has just begun to listen is no answer yet.
            case UNKNOWN ->
                status.getCause() instanceof IOException || text.contains("server is not initialized yet")
                        ? new CriException.Unavailable(operation, text, cause)
                        : new CriException.Failed(operation, text, cause);
            case OK, ABORTED, INTERNAL, DATA_LOSS -> new CriException.Failed(operation, text, cause);
        };
    }

    /** What the runtime said, or else what gRPC and the system said, down to "No such file or directory". */
    private static String text(Status status) {
        StringBuilder text = new StringBuilder(
                status.getDescription() == null ? status.getCode().name() : status.getDescription());
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && text.indexOf(cause.getMessage()) < 0) {
                text.append(": ").append(cause.getMessage());
            }
        }
        return text.toString();
    }
}
