package io.jubelet.certificate;

import java.io.IOException;

/**
 * A key or a certificate cannot be used. The message says where it comes from and what is wrong,
 * and shows nothing of a key.
 */
public final class UnusableCertificateException extends IOException {
    private static final long serialVersionUID = 1L;

    public UnusableCertificateException(String message) {
        super(message);
    }

    public UnusableCertificateException(String message, Throwable cause) {
        super(message, cause);
    }
}
