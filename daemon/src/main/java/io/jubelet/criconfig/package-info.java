/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Builds the configuration messages of the CRI: a pod, what the node adds and what was prepared for
 * the pod in, messages out.
 *
 * <p>Pure: it performs no I/O, reads no clock and calls no runtime, so its callers read what it
 * needs. It imports the vocabulary, the arithmetic of cgroups, facts of the node and labels.
 * Imported by {@code runtime}, {@code warmup} and {@code boot}.
 */
@NullMarked
package io.jubelet.criconfig;

import org.jspecify.annotations.NullMarked;
