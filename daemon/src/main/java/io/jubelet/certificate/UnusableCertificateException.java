/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A key or a certificate cannot be used. The message says where it comes from and what is wrong,
 * and shows nothing of a key.
 */
public final class UnusableCertificateException extends IOException {
    private static final long serialVersionUID = 1L;

    public UnusableCertificateException(String message) {
        super(message);
    }

    public UnusableCertificateException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Returns what is wrong; never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
