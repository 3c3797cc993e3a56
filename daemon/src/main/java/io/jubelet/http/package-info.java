/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The HTTP client of probes and hooks: a request and a deadline come in, a response of bounded size comes out. Only
 * {@code probe} and {@code runtime} import this room.
 */
@NullMarked
package io.jubelet.http;

import org.jspecify.annotations.NullMarked;
