/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.signing;

import io.jubelet.certificate.KeyAndCertificates;

/** The state of a CertificateSigningRequest. */
sealed interface SigningState {

    /** It exists and is neither approved nor denied, or not signed yet. */
    record Pending(String request) implements SigningState {}

    /** It has a certificate. */
    record Issued(KeyAndCertificates certificate) implements SigningState {}

    /** It will never have a certificate; the next attempt is another request with another key. */
    record Rejected(String reason) implements SigningState {}
}
