/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.http;

import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import io.jubelet.certificate.UnusableCertificateException;
import java.io.IOException;
import java.net.Socket;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * TLS without verification of the server: a probe checks whether a server responds, not its
 * identity. Loaded by the first probe or hook that uses TLS.
 */
final class UnverifiedTls {

    private static final SSLContext CONTEXT = context();

    private UnverifiedTls() {}

    /**
     * Wraps a connection in TLS; closing the result closes it. The handshake happens with the first
     * byte.
     */
    static Socket over(Socket plain, String host, int port) throws IOException {
        return CONTEXT.getSocketFactory().createSocket(plain, host, port, true);
    }

    private static SSLContext context() {
        try {
            return TlsContexts.client(new TrustPolicy.Insecure(), Optional.empty(), Optional.empty());
        } catch (UnusableCertificateException e) {
            throw new IllegalStateException("TLS is not available in this JDK", e);
        }
    }
}
