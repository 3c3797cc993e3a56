/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Keys and certificates: read from PEM, generated, stored, and used for TLS.
 *
 * <p>Files and texts in PEM come in; types of {@code java.security}, certificate requests and TLS
 * contexts go out. Everything runs on the caller's thread. BouncyCastle is loaded only to create a
 * certificate or a request, or to read a key format that the JDK does not support. No message shows a
 * key. Imported by the rooms that use TLS; knows nothing of API servers.
 */
@NullMarked
package io.jubelet.certificate;

import org.jspecify.annotations.NullMarked;
