/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

/**
 * Provides the current {@link ClientConfig}, which changes when credentials are rotated. Safe for
 * use by many threads.
 */
public interface ClientConfigProvider {

    /**
     * Returns the current configuration. Blocks for files or a plugin if they changed.
     *
     * @throws KubeApiException.NoCredentials when no credentials are available; the next call tries
     *     again
     */
    ClientConfig current() throws InterruptedException;

    /** Reports that the API server answered 401, so that credentials are read again. */
    void unauthorized(ClientConfig config);

    /**
     * Returns why the API server might reject the credentials, such as that a certificate has
     * expired; empty when no reason is known.
     */
    String authenticationProblem();
}
