package io.jubelet.bench;

/** Something could not be measured; the message says what and why. */
final class BenchException extends RuntimeException {
    BenchException(String message) {
        super(message);
    }
}
