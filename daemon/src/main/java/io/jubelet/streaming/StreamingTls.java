/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.jubelet.api.ApiError;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import io.jubelet.certificate.UnusableCertificateException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * TLS to the streaming server of a runtime, as the kubelet has it: the authority of the certificate must be one that the
 * system trusts, and the certificate must name the address. Loaded for the first stream of a runtime that uses TLS.
 */
final class StreamingTls {

    private StreamingTls() {}

    /**
     * Returns the engine of one connection. Reads the authorities of the system each time, so a new one is known at once.
     *
     * @throws ApiError if they cannot be read
     */
    static SSLEngine engine(String host, int port) {
        SSLContext context;
        try {
            context = TlsContexts.client(new TrustPolicy.SystemRoots(), Optional.empty(), Optional.empty());
        } catch (UnusableCertificateException unusable) {
            throw ApiError.internal(
                    "cannot read the certificate authorities of the system, by which the streaming server"
                            + " of the container runtime is verified: " + unusable.getMessage());
        }
        SSLEngine engine = context.createSSLEngine(host, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        return engine;
    }
}
