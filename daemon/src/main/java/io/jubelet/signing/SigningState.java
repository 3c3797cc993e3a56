package io.jubelet.signing;

import io.jubelet.certificate.KeyAndCertificates;

/** How far a request is. */
sealed interface SigningState {

    /** It is there, and nobody has decided yet. */
    record Pending(String request) implements SigningState {}

    /** It is signed. */
    record Issued(KeyAndCertificates certificate) implements SigningState {}

    /** It will never be signed; the next one is another request, with another key. */
    record Rejected(String reason) implements SigningState {}
}
