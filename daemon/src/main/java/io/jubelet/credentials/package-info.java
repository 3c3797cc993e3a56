/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Credentials for registries: from files of the node, from credential provider plugins, and from the
 * Secrets that pods name.
 *
 * <p>Files, responses of plugins and Secrets come in; the credentials for an image go out, the most
 * specific first. Everything is read before a pull, on the thread of the pull; only responses of plugins
 * are cached. No message shows a secret, and each credential names its source. Imported by
 * {@code images} and {@code boot}.
 */
@NullMarked
package io.jubelet.credentials;

import org.jspecify.annotations.NullMarked;
