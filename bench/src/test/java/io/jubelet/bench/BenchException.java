/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

/** A measurement failed; the message says which one and why. */
final class BenchException extends RuntimeException {
    BenchException(String message) {
        super(message);
    }
}
