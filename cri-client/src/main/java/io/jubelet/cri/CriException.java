package io.jubelet.cri;

import java.util.Objects;

/**
 * A call to the runtime did not succeed. The kinds tell what a caller can do about it; the message holds the operation
 * and the words of the runtime.
 */
public abstract sealed class CriException extends RuntimeException {
    private final String operation;

    private CriException(String operation, String detail, Throwable cause) {
        super(operation + ": " + detail, cause);
        this.operation = Objects.requireNonNull(operation, "operation");
    }

    /** The CRI name of the call, such as {@code RunPodSandbox}. */
    public final String operation() {
        return operation;
    }

    /** The runtime could not be reached, or went away during the call, which may have had its effect or not. */
    public static final class Unavailable extends CriException {
        public Unavailable(String operation, String detail, Throwable cause) {
            super(operation, detail, cause);
        }

        public Unavailable(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /** What the call is about does not exist. */
    public static final class NotFound extends CriException {
        public NotFound(String operation, String detail, Throwable cause) {
            super(operation, detail, cause);
        }

        public NotFound(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /** There is one already. */
    public static final class AlreadyExists extends CriException {
        public AlreadyExists(String operation, String detail, Throwable cause) {
            super(operation, detail, cause);
        }

        public AlreadyExists(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /** No answer in time. The call may have had its effect, or may still have it. */
    public static final class DeadlineExceeded extends CriException {
        public DeadlineExceeded(String operation, String detail, Throwable cause) {
            super(operation, detail, cause);
        }

        public DeadlineExceeded(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /** The runtime refuses the request as it is: repeating it unchanged is of no use until something else changes. */
    public static final class Rejected extends CriException {
        private final String code;

        public Rejected(String operation, String code, String detail, Throwable cause) {
            super(operation, detail, cause);
            this.code = Objects.requireNonNull(code, "code");
        }

        public Rejected(String operation, String code, String detail) {
            this(operation, code, detail, null);
        }

        /** The gRPC name of the reason: INVALID_ARGUMENT, FAILED_PRECONDITION, PERMISSION_DENIED and the like. */
        public String code() {
            return code;
        }
    }

    /** The runtime has no such call. */
    public static final class Unimplemented extends CriException {
        public Unimplemented(String operation, String detail, Throwable cause) {
            super(operation, detail, cause);
        }

        public Unimplemented(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /**
     * The calling thread was interrupted, or the stream was closed by its user. The interrupt flag is set again. The
     * call may have had its effect.
     */
    public static final class Cancelled extends CriException {
        public Cancelled(String operation, String detail, Throwable cause) {
            super(operation, detail, cause);
        }

        public Cancelled(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /** The runtime tried and failed, without a more telling kind: containerd reports most failures so. */
    public static final class Failed extends CriException {
        public Failed(String operation, String detail, Throwable cause) {
            super(operation, detail, cause);
        }

        public Failed(String operation, String detail) {
            this(operation, detail, null);
        }
    }
}
