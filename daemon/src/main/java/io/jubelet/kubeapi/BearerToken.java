/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.certificate.UnusableCertificateException;

/** The rules for bearer tokens, which become a header of each request. Stateless. */
final class BearerToken {

    /**
     * The longest token, in characters. Go's HTTP servers accept 1 MiB of headers, but tokens have
     * a few kilobytes.
     */
    static final int MAX_CHARS = 64 << 10;

    private BearerToken() {}

    /**
     * Returns a token.
     *
     * @param source where it comes from, for messages, which contain nothing of the token
     */
    static String require(String source, String token) throws UnusableCertificateException {
        if (token.isEmpty()) {
            throw new UnusableCertificateException(source + ": is empty; expected one token");
        }
        if (token.length() > MAX_CHARS) {
            throw new UnusableCertificateException(
                    source + ": is longer than " + MAX_CHARS + " characters; expected one token");
        }
        if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new UnusableCertificateException(source + ": contains more than one word; expected one token");
        }
        return token;
    }
}
