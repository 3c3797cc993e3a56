/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if a call to the runtime fails. The subclass determines how a caller can react; the
 * message consists of the operation and the message of the runtime.
 */
public abstract sealed class CriException extends RuntimeException {
    private final String operation;

    private CriException(String operation, String detail, @Nullable Throwable cause) {
        super(operation + ": " + detail, cause);
        this.operation = Objects.requireNonNull(operation, "operation");
    }

    /** Returns the CRI name of the call, such as {@code RunPodSandbox}. */
    public final String operation() {
        return operation;
    }

    /**
     * The runtime cannot be reached, or the connection broke during the call, which can have had
     * its effect or not.
     */
    public static final class Unavailable extends CriException {
        public Unavailable(String operation, String detail, @Nullable Throwable cause) {
            super(operation, detail, cause);
        }

        public Unavailable(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /** The object of the call does not exist. */
    public static final class NotFound extends CriException {
        public NotFound(String operation, String detail, @Nullable Throwable cause) {
            super(operation, detail, cause);
        }

        public NotFound(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /** An object with this name exists already. */
    public static final class AlreadyExists extends CriException {
        public AlreadyExists(String operation, String detail, @Nullable Throwable cause) {
            super(operation, detail, cause);
        }

        public AlreadyExists(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /** There was no response in time. The call can have had its effect, or can still have it. */
    public static final class DeadlineExceeded extends CriException {
        public DeadlineExceeded(String operation, String detail, @Nullable Throwable cause) {
            super(operation, detail, cause);
        }

        public DeadlineExceeded(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /**
     * The runtime rejected the request; the same request fails again until something else changes.
     */
    public static final class Rejected extends CriException {
        private final String code;

        public Rejected(String operation, String code, String detail, @Nullable Throwable cause) {
            super(operation, detail, cause);
            this.code = Objects.requireNonNull(code, "code");
        }

        public Rejected(String operation, String code, String detail) {
            this(operation, code, detail, null);
        }

        /**
         * Returns the name of the gRPC status code, such as INVALID_ARGUMENT or PERMISSION_DENIED.
         */
        public String code() {
            return code;
        }
    }

    /** The runtime does not implement the call. */
    public static final class Unimplemented extends CriException {
        public Unimplemented(String operation, String detail, @Nullable Throwable cause) {
            super(operation, detail, cause);
        }

        public Unimplemented(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /**
     * The calling thread was interrupted, and its interrupt flag is set again; or the stream was
     * closed. The call can have had its effect.
     */
    public static final class Cancelled extends CriException {
        public Cancelled(String operation, String detail, @Nullable Throwable cause) {
            super(operation, detail, cause);
        }

        public Cancelled(String operation, String detail) {
            this(operation, detail, null);
        }
    }

    /**
     * The call failed for a reason without a subclass of its own; containerd reports most failures
     * this way.
     */
    public static final class Failed extends CriException {
        public Failed(String operation, String detail, @Nullable Throwable cause) {
            super(operation, detail, cause);
        }

        public Failed(String operation, String detail) {
            this(operation, detail, null);
        }
    }
}
