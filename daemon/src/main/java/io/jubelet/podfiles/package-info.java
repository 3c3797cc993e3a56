/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Files of pods: a pod, one of its containers or an instance in, its directories and files on disk
 * out. The only code that knows where each of them is.
 *
 * <p>Containers write to most of these directories, so symbolic links in them are never followed.
 * Imported by {@code logs}, {@code runtime}, {@code warmup} and {@code boot}.
 */
@NullMarked
package io.jubelet.podfiles;

import org.jspecify.annotations.NullMarked;
