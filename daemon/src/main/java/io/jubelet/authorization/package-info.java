/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Authentication and authorization of requests to the kubelet's port: by certificates, tokens and
 * reviews of the API server, as the kubelet does.
 *
 * <p>A request of the listener comes in; a decision goes out. It is made on the thread of the request,
 * which waits for the API server if the result is not cached. A missing response never allows anything.
 * Imported by {@code boot}; loaded only if the port is enabled.
 */
@NullMarked
package io.jubelet.authorization;

import org.jspecify.annotations.NullMarked;
